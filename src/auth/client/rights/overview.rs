//! What is known of a caller's organizations and rights, to be shown to the caller. It is gathered as for a policy, and
//! decides nothing.

use std::collections::BTreeMap;

use super::{CallerRights, Gathered};
use crate::auth::claims::{Flag, IdTokenClaims, Organization, Role};
use crate::auth::error::Error;
use crate::auth::observation::{Answer, Stage};
use crate::auth::rights::{Listed, Resource};

/// The lists that are shown; entitlements are not.
const SHOWN: [Resource; 3] = [Resource::Permissions, Resource::Roles, Resource::FeatureFlags];

/// A caller's organizations and rights. A list that is not known, or not to its end, is `None`.
pub(in crate::auth) struct Overview {
    pub(in crate::auth) organization: Option<Organization>,
    pub(in crate::auth) organizations: Vec<Organization>,
    pub(in crate::auth) permissions: Option<Vec<String>>,
    pub(in crate::auth) roles: Option<Vec<Role>>,
    pub(in crate::auth) feature_flags: Option<BTreeMap<String, Flag>>,
}

impl CallerRights {
    /// What is known. Lists that no claim has are asked for, as for a policy.
    pub(in crate::auth) async fn overview(&self) -> Result<Overview, Error> {
        let mut gathered = self.0.gathered.lock().await;
        let gathered = self.0.gather(&mut gathered).await?;
        let missing: Vec<_> = SHOWN.into_iter().filter(|list| !gathered.known.has(*list)).collect();
        let observed = self.0.ask(gathered, &missing).await;
        observed.answered(Stage::AccountApi, || answer_of(gathered));
        let signed_in_to = gathered.organization();
        let organizations = gathered.organizations(signed_in_to.clone());
        let known = &gathered.known;
        Ok(Overview {
            organization: organizations
                .iter()
                .find(|one| Some(&one.id) == signed_in_to.as_ref().map(|one| &one.id))
                .cloned(),
            organizations,
            permissions: entries(known.permissions.as_ref(), |(key, ())| key.clone()),
            roles: entries(known.roles.as_ref(), |(key, name)| Role { id: None, key: key.clone(), name: name.clone() }),
            feature_flags: entries(known.feature_flags.as_ref(), |(key, flag)| (key.clone(), flag.clone())),
        })
    }
}

/// What an observer is told of lists that were asked for to be shown.
fn answer_of(gathered: &Gathered) -> Answer {
    let named = |is_known: bool| {
        let lists = SHOWN.into_iter().filter(|list| gathered.known.has(*list) == is_known);
        lists.map(|list| format!("{list:?}")).collect::<Vec<_>>().join(", ")
    };
    let summary = format!("the account page has these lists: {}", named(true));
    let unknown = named(false);
    let reason = (!unknown.is_empty()).then(|| format!("these lists are not known: {unknown}"));
    Answer { reason, ..Answer::success(None, summary) }
}

fn entries<'a, T: 'a, All: FromIterator<Shown>, Shown>(
    list: Option<&'a Listed<T>>,
    shown: impl Fn((&'a String, &'a T)) -> Shown,
) -> Option<All> {
    Some(list?.all()?.iter().map(shown).collect())
}

impl Gathered {
    /// The organization signed in to.
    fn organization(&self) -> Option<Organization> {
        let claims = self.access_token.as_ref()?;
        Some(Organization { id: claims.org_code.clone()?, name: claims.org_name.clone() })
    }

    /// The user's organizations: those of the ID token's claims `organizations`, which has names, and `org_codes`; and
    /// the one signed in to, whose name the access token's `org_name` says.
    fn organizations(&self, signed_in_to: Option<Organization>) -> Vec<Organization> {
        let claims = self.signed[1].clone().and_then(IdTokenClaims::from_map);
        let (named, codes) = claims.map(|claims| (claims.organizations, claims.org_codes)).unwrap_or_default();
        let mut all: Vec<Organization> = named.unwrap_or_default();
        let by_code = codes.into_iter().flatten().map(|id| Organization { id, name: None });
        for other in by_code.chain(signed_in_to) {
            match all.iter_mut().find(|known| known.id == other.id) {
                Some(known) => known.name = other.name.or(known.name.take()),
                None => all.push(other),
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::claims::ClaimMap;
    use serde_json::{Value, json};

    fn organizations(id_token: Value, current: Option<(&str, Option<&str>)>) -> Vec<(String, Option<String>)> {
        let mut claims = json!({"iss": "https://issuer.example", "sub": "kp_1", "exp": 7});
        claims.as_object_mut().unwrap().extend(id_token.as_object().unwrap().clone());
        let signed: Option<ClaimMap> = claims.as_object().cloned();
        let gathered = Gathered { signed: [None, signed], ..Gathered::default() };
        let current = current.map(|(id, name)| Organization { id: id.to_owned(), name: name.map(str::to_owned) });
        gathered.organizations(current).into_iter().map(|one| (one.id, one.name)).collect()
    }

    fn one(id: &str, name: Option<&str>) -> (String, Option<String>) {
        (id.to_owned(), name.map(str::to_owned))
    }

    #[test]
    fn organizations_have_the_names_that_a_claim_says() {
        let codes = json!({"org_codes": ["org_1", "org_2"]});
        assert_eq!(organizations(codes.clone(), None), [one("org_1", None), one("org_2", None)]);
        let current = Some(("org_2", Some("Two")));
        assert_eq!(organizations(codes, current), [one("org_1", None), one("org_2", Some("Two"))]);
        let named = json!({"org_codes": ["org_1"], "organizations": [{"id": "org_1", "name": "One"}, {"id": "org_3"}]});
        assert_eq!(organizations(named.clone(), None), [one("org_1", Some("One")), one("org_3", None)]);
        assert_eq!(organizations(named, Some(("org_1", Some("New name"))))[0], one("org_1", Some("New name")));
    }

    #[test]
    fn the_organization_signed_in_to_is_among_them() {
        assert_eq!(organizations(json!({}), Some(("org_1", None))), [one("org_1", None)]);
        assert_eq!(organizations(json!({}), None), []);
    }
}
