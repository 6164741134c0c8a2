//! Accessibility: every criterion of WCAG 2.2 at the levels A and AA, with the test that holds it or the reason why
//! there is nothing to test.
//!
//! This module is documentation alone; a test checks that each named test exists and that no criterion is missing.
//!
//! The pages meant are those of the app, and those of the emulated tenant, its console included. Kinde's own pages are not
//! ours.
//!
//! In `end2end/tests/accessibility.spec.ts` each page is one test, and what is measured on it are its steps: axe-core and
//! HTML_CodeSniffer (WCAG2AA) in light at 1440 pixels and in dark at 320, then what no checker finds. `make audit` runs
//! Lighthouse. What a screen reader says on each page is kept in `end2end/transcripts`, to be read by a person when it
//! changes. Tests notice much, not all: whether a text alternative says the right thing, whether an order of reading makes
//! sense, is for a person to say.
//!
//! # Perceivable
//!
//! | criterion | held by |
//! | --- | --- |
//! | 1.1.1 Non-text content (A) | `axe-core finds nothing`; icon and pictures are decoration beside a name, and `reads the page` shows that they are not read |
//! | 1.2.1 Audio-only and video-only (A) | no page has audio or video: the content security policy allows none, `a_script_runs_only_by_its_nonce_and_each_response_has_its_own` |
//! | 1.2.2 Captions (A) | as 1.2.1 |
//! | 1.2.3 Audio description or alternative (A) | as 1.2.1 |
//! | 1.2.4 Captions, live (AA) | as 1.2.1 |
//! | 1.2.5 Audio description (AA) | as 1.2.1 |
//! | 1.3.1 Info and relationships (A) | `axe-core finds nothing`, `HTML_CodeSniffer finds nothing`; headings, lists, labels and landmarks are in the transcripts, `reads the page` |
//! | 1.3.2 Meaningful sequence (A) | the transcripts are in the order of the document, `reads the page`; the style sheet moves nothing against it |
//! | 1.3.3 Sensory characteristics (A) | no text names a shape, a color or a place of the screen: the transcripts say all that a page says, `reads the page` |
//! | 1.3.4 Orientation (AA) | the style sheet asks for no orientation, `nothing_depends_on_how_the_screen_is_held`; pages fit from 320 to 1440 pixels, `a window of 320 pixels needs no scrolling sideways` |
//! | 1.3.5 Identify input purpose (AA) | the app asks for nothing about the user; the tenant's registration names its fields' purposes, `axe-core finds nothing` |
//! | 1.4.1 Use of color (A) | `axe-core finds nothing`; an error is a text beside its field, `a wrong item id is explained above the form, which keeps it`; forced colors leave every control, `forced colors leave every control an edge` |
//! | 1.4.2 Audio control (A) | as 1.2.1 |
//! | 1.4.3 Contrast, minimum (AA) | `axe-core finds nothing`, `HTML_CodeSniffer finds nothing`, in light and dark |
//! | 1.4.4 Resize text (AA) | `text at twice its size loses nothing` |
//! | 1.4.5 Images of text (AA) | there is one image, the icon, without text; pictures of users are theirs |
//! | 1.4.10 Reflow (AA) | `a window of 320 pixels needs no scrolling sideways` |
//! | 1.4.11 Non-text contrast (AA) | edges and outlines are of `--line-strong` and `--accent`, `edges_of_controls_and_the_focus_stand_out` |
//! | 1.4.12 Text spacing (AA) | `spaced text loses nothing` |
//! | 1.4.13 Content on hover or focus (AA) | nothing appears on hover, and on focus the skip link alone, which covers nothing that is needed: `Tab reaches and leaves every control, and the focus can be seen` |
//!
//! # Operable
//!
//! | criterion | held by |
//! | --- | --- |
//! | 2.1.1 Keyboard (A) | `a visit with the keyboard alone`; `Tab reaches and leaves every control, and the focus can be seen` |
//! | 2.1.2 No keyboard trap (A) | `Tab reaches and leaves every control, and the focus can be seen` |
//! | 2.1.4 Character key shortcuts (A) | there are none: no script listens to keys, `no_script_listens_to_keys` |
//! | 2.2.1 Timing adjustable (A) | the session is the only limit. Where it ends within 20 hours, `every_page_of_a_signed_in_user_says_when_a_short_session_ends`, with and without JavaScript `a page says when the session ends, and the user stays signed in on it`, and with it `two minutes before the end the user is warned, and stays without losing what was written`; by default it ends after a day without a request, `pages_say_nothing_of_an_end_that_is_far_or_of_no_session`. A page of the tenant's console loads itself again only for somebody who has chosen `Follow`, and begins with a link that ends it, `its_pages_are_neither_stored_nor_framed_and_load_again_on_request_alone`; for that page alone the rules against it (`meta-refresh`, F41) do not count |
//! | 2.2.2 Pause, stop, hide (A) | nothing moves, `nothing moves for users who want no motion`; without that wish colors change for an eighth of a second when they are touched |
//! | 2.3.1 Three flashes (A) | nothing flashes, as 2.2.2 |
//! | 2.4.1 Bypass blocks (A) | a link to the content comes first, `reads the page`; `axe-core finds nothing` |
//! | 2.4.2 Page titled (A) | `axe-core finds nothing`; each transcript begins with the title, `reads the page` |
//! | 2.4.3 Focus order (A) | nothing changes the order of the document: `axe-core finds nothing` (no positive `tabindex`), and `Tab reaches and leaves every control, and the focus can be seen` |
//! | 2.4.4 Link purpose (A) | `axe-core finds nothing`; links are read with their names, `reads the page` |
//! | 2.4.5 Multiple ways (AA) | pages are reached by links and by the item form, `the form shows the item`; the others are steps of a process |
//! | 2.4.6 Headings and labels (AA) | `axe-core finds nothing`; they are in the transcripts, `reads the page` |
//! | 2.4.7 Focus visible (AA) | `Tab reaches and leaves every control, and the focus can be seen` |
//! | 2.4.11 Focus not obscured, minimum (AA) | `Tab reaches and leaves every control, and the focus can be seen`; nothing stays over the page but the warning of a session's end, which keeps what has the focus below it, `the warning hides nothing that has the focus` |
//! | 2.5.1 Pointer gestures (A) | no page knows a gesture: links, buttons and fields alone |
//! | 2.5.2 Pointer cancellation (A) | controls are the browser's own, which act when the pointer is released |
//! | 2.5.3 Label in name (A) | `axe-core finds nothing` (`label-content-name-mismatch`, which is off by default and on here) |
//! | 2.5.4 Motion actuation (A) | no page may read a sensor: `every_response_that_may_be_a_page_switches_off_the_browser_features_that_no_page_uses` |
//! | 2.5.7 Dragging movements (AA) | nothing is dragged |
//! | 2.5.8 Target size, minimum (AA) | `axe-core finds nothing` (`target-size`, which is off by default and on here) |
//!
//! # Understandable
//!
//! | criterion | held by |
//! | --- | --- |
//! | 3.1.1 Language of page (A) | `axe-core finds nothing`; `a_page_is_a_whole_document_that_says_nothing_of_an_absent_user` |
//! | 3.1.2 Language of parts (AA) | pages are in English alone; names of users have no known language, and stand in `bdi` |
//! | 3.2.1 On focus (A) | `Tab reaches and leaves every control, and the focus can be seen`: no page changes on the way |
//! | 3.2.2 On input (A) | nothing is sent before a button is pressed: `two minutes before the end the user is warned, and stays without losing what was written` writes into a form |
//! | 3.2.3 Consistent navigation (AA) | every page is made by `app::document`, whose header and footer are the same: `every_page_links_the_style_sheet_and_the_icon` |
//! | 3.2.4 Consistent identification (AA) | the same controls have the same names on every page, `reads the page` |
//! | 3.2.6 Consistent help (A) | no page offers help by people or machines |
//! | 3.3.1 Error identification (A) | `a wrong item id is explained above the form, which keeps it` |
//! | 3.3.2 Labels or instructions (A) | `axe-core finds nothing`; fields are read with label and hint, `reads the page` |
//! | 3.3.3 Error suggestion (AA) | the explanation says what a right id is: `a wrong item id is explained above the form, which keeps it` |
//! | 3.3.4 Error prevention (AA) | no form commits to anything legal or financial; the end of a session is undone by a sign-in |
//! | 3.3.7 Redundant entry (A) | a form keeps what was written: `a wrong item id is explained above the form, which keeps it`; a sign-in returns to the page, `a URL with a query is the same after sign-in` |
//! | 3.3.8 Accessible authentication, minimum (AA) | a sign-in here is one link or none, `signing in here asks for nothing to be remembered, solved or copied`; what Kinde asks on its own pages is chosen there, such as passkeys |
//!
//! # Robust
//!
//! | criterion | held by |
//! | --- | --- |
//! | 4.1.2 Name, role, value (A) | `axe-core finds nothing`, `HTML_CodeSniffer finds nothing`, `reads the page` |
//! | 4.1.3 Status messages (AA) | `results and errors appear in a live region`; `two minutes before the end the user is warned, and stays without losing what was written` |
//!
//! 4.1.1 Parsing is obsolete since WCAG 2.2.
