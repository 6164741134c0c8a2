//! The templates of the site's routes, such as `/items/{item_id}`. Metrics, the access log and traces name a request's
//! route by its template and never by its path: a visitor can make up paths, and a path may say something about a user.

use std::sync::Arc;

use matchit::Router;

/// All templates, and which of them a path matches.
pub(super) struct RouteTemplates {
    places: Router<usize>,
    templates: Vec<Arc<str>>,
}

/// The template that a path matched.
#[derive(Debug, Clone, Copy)]
pub(super) struct MatchedTemplate<'a> {
    /// Its place among [`RouteTemplates::all`].
    pub(super) place: usize,
    /// The template itself.
    pub(super) template: &'a Arc<str>,
}

impl RouteTemplates {
    /// One that stands twice counts as one.
    pub(super) fn new(templates: impl IntoIterator<Item = String>) -> Self {
        let mut all = Self { places: Router::new(), templates: Vec::new() };
        for template in templates {
            if all.places.insert(&template, all.templates.len()).is_ok() {
                all.templates.push(template.into());
            }
        }
        all
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.templates.iter().map(AsRef::as_ref)
    }

    /// The template of the route that takes this path, if one does.
    pub(super) fn find(&self, path: &str) -> Option<MatchedTemplate<'_>> {
        let place = *self.places.at(path).ok()?.value;
        Some(MatchedTemplate { place, template: &self.templates[place] })
    }
}
