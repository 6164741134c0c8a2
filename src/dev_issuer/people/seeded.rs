//! The people who can sign in at every tenant from its start. Each has a property that broke some client.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{
    entitlement::{self, Entitlements},
    person::{Person, organization},
    rights::OrganizationRights,
};

/// The remarks on the people for tests, by key.
static FOR_TESTS: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| for_tests().into_iter().map(|person| (person.key, person.about)).collect());

/// Returns everyone who can sign in at a tenant right after its start.
pub(crate) fn seeded() -> Vec<Person> {
    [ada(), grace()].into_iter().chain(for_tests()).collect()
}

fn for_tests() -> Vec<Person> {
    vec![nameless(), hypatia(), katherine(), dorothy(), emmy(), augusta(), mallory(), atlas()]
}

/// Returns whether the person is here for a property that broke some client, and not for a first look. Somebody of a seed
/// is not, unless the seed has them from here.
pub(crate) fn is_for_tests(person: &Person) -> bool {
    FOR_TESTS.get(&person.key).is_some_and(|about| *about == person.about)
}

fn ada() -> Person {
    Person {
        permissions: keys(["create:items", "read:items", "update:items", "read:members", "org:write:members"]),
        roles: vec!["admin".to_owned()],
        feature_flags: json!({
            "theme": {"t": "s", "v": "pink"},
            "is_dark_mode": {"t": "b", "v": true},
            "competitions_limit": {"t": "i", "v": 5},
            "layout": {"t": "j", "v": {"columns": 2}},
        }),
        user_properties: Some(properties("city", "London")),
        organization_properties: Some(properties("industry", "engines")),
        application_properties: Some(properties("theme", "brass")),
        ..Person::new("ada", "everything filled in", (Some("Ada"), Some("Lovelace")))
    }
}

fn keys<const N: usize>(keys: [&str; N]) -> Vec<String> {
    keys.map(str::to_owned).to_vec()
}

fn properties(name: &str, value: &str) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), json!({"v": value}))])
}

fn katherine() -> Person {
    let about = "two organizations, more permissions and a role in the second";
    let (first, second) = (organization("Flight Research"), organization("Space Task Group"));
    let rights = OrganizationRights {
        permissions: Some(keys(["read:items", "read:members", "create:orbits"])),
        roles: Some(keys(["computer"])),
    };
    Person {
        organization_rights: BTreeMap::from([(second.code.clone(), rights)]),
        organizations: vec![first, second],
        ..Person::new("katherine", about, (Some("Katherine"), Some("Johnson")))
    }
}

fn grace() -> Person {
    let about = "no family name, no limit of items";
    Person { entitlements: entitlement::items(None), ..Person::new("grace", about, (Some("Grace"), None)) }
}

fn nameless() -> Person {
    let about = "no name at all, only an e-mail address";
    Person::new("nameless", about, (None, None))
}

fn hypatia() -> Person {
    let names = (Some("Ὑπατία"), Some("Θέωνος"));
    Person::new("hypatia", "a non-Latin name", names)
}

fn dorothy() -> Person {
    let names = (Some("Dorothy"), Some("Vaughan"));
    Person {
        permissions: Vec::new(),
        feature_flags: json!({}),
        entitlements: Entitlements::new(),
        ..Person::new("dorothy", "no permissions", names)
    }
}

fn emmy() -> Person {
    let about = "name and e-mail only in the user profile";
    Person { known_to_id_token: false, ..Person::new("emmy", about, (Some("Emmy"), Some("Noether"))) }
}

fn augusta() -> Person {
    let about = "the same e-mail address as Ada, a session that ends with the browser";
    let names = (Some("Augusta"), Some("King"));
    Person { email: "ada@example.com".to_owned(), persistent: Some(false), ..Person::new("augusta", about, names) }
}

fn mallory() -> Person {
    let given = "<b onclick=alert(1)>Mallory</b>";
    let family = "O'Hara\r\nX-Injected: \"yes\" & more";
    let about = "markup and line breaks in the names";
    Person::new("mallory", about, (Some(given), Some(family)))
}

fn atlas() -> Person {
    let shelf = |number| format!("read:shelf-{number:05}");
    let names = (Some("Atlas"), Some("Farnese"));
    let permissions = (0..3_000).map(shelf).chain(keys(["read:members"])).collect();
    Person { permissions, ..Person::new("atlas", "about 65 kB of claims", names) }
}
