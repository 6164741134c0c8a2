import { getKindeServerSession } from '@kinde-oss/kinde-auth-nextjs/server';

export default async function Page() {
  const user = await getKindeServerSession().getUser();
  return user ? <p>Hello, {user.given_name}</p> : <a href="/api/auth/login">Sign in</a>;
}
