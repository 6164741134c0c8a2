// Sends the requests of the API docs with the user's session, and shows each response in place; copies commands.
// `operation.rs` renders the forms that it reads. Without this script they are sent by the browser itself.

const LONGEST_BODY = 50_000;

const CONFIRMED_FOR = 2_000;

/** The request of a form: what is empty and not required is left out. */
function requestOf(form) {
  const [query, body] = [new URLSearchParams(), new URLSearchParams()];
  const request = { method: form.method.toUpperCase(), headers: { accept: '*/*' } };
  let path = form.dataset.path;
  for (const { dataset, required, value } of form.elements) {
    if (!dataset.in || (value === '' && !required)) continue;
    if (dataset.in === 'path') path = path.replace(`{${dataset.name}}`, encodeURIComponent(value));
    if (dataset.in === 'query') query.append(dataset.name, value);
    if (dataset.in === 'form') body.append(dataset.name, value);
    if (dataset.in === 'accept') request.headers.accept = value;
    if (dataset.in === 'body') {
      request.headers['content-type'] = dataset.type;
      request.body = value;
    }
  }
  if (request.method === 'POST') request.body ??= body;
  return [query.size ? `${path}?${query}` : path, request];
}

/** A body as text, JSON with a line for each value. */
async function readable(response) {
  const text = await response.text();
  if (!response.headers.get('content-type')?.startsWith('application/json')) return text.slice(0, LONGEST_BODY);
  return JSON.stringify(JSON.parse(text), null, 2).slice(0, LONGEST_BODY);
}

async function send(form) {
  const answer = document.getElementById(form.dataset.answer);
  const [heading, headers, body] = answer.children;
  const [address, request] = requestOf(form);
  const begun = performance.now();
  const show = (summary, headerLines, text) => {
    heading.textContent = summary;
    headers.textContent = headerLines;
    body.textContent = text;
    headers.hidden = !headerLines;
    body.hidden = !text;
    answer.hidden = false;
  };
  try {
    const response = await fetch(address, request);
    const text = await readable(response);
    const milliseconds = Math.round(performance.now() - begun);
    const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const { pathname, search } = new URL(response.url);
    const target = response.redirected ? `, redirected to ${pathname}${search}` : '';
    show(`${response.status} ${response.statusText}${target}, ${milliseconds} ms`, lines, text);
  } catch (error) {
    show(`No response to ${request.method} ${address}: ${error.message}`, '', '');
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => (button.textContent = label), CONFIRMED_FOR);
}

document.addEventListener('submit', (event) => {
  if (!event.target.dataset.path) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener('click', ({ target }) => {
  if (target.dataset.copy && target.textContent !== 'Copied') copy(target);
});
for (const field of document.querySelectorAll('[data-in="path"]')) field.readOnly = false;
document.documentElement.dataset.canSend = '';
if (navigator.clipboard) document.documentElement.dataset.canCopy = '';
