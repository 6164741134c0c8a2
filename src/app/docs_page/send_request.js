// Sends the requests of the API docs with the user's session, and shows each response in place; keeps the commands as
// the fields are, and copies them.
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

/** A text as one word of a shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that sends what the form sends. `server::docs::commands` writes it for the examples. */
function commandOf(form, beginning) {
  const fields = [...form.elements].filter(({ dataset }) => dataset.in);
  const sent = (place) => fields.filter(({ dataset, value, required }) => dataset.in === place && (value || required));
  // In the place of what is missing stands its name.
  const valueOf = ({ dataset, value }) => value || dataset.name.toUpperCase();
  const path = sent('path').reduce(
    (path, field) => path.replace(`{${field.dataset.name}}`, encodeURIComponent(valueOf(field))),
    form.dataset.path,
  );
  const query = new URLSearchParams(sent('query').map((field) => [field.dataset.name, valueOf(field)]));
  const parts = [beginning, ...sent('accept').map(({ value }) => `-H ${quoted(`Accept: ${value}`)}`)];
  const body = [
    ...sent('form').map((field) => `--data-urlencode ${quoted(`${field.dataset.name}=${valueOf(field)}`)}`),
    ...sent('body').map(
      (field) => `-H ${quoted(`Content-Type: ${field.dataset.type}`)} --data-raw ${quoted(field.value || 'BODY')}`,
    ),
  ];
  if (form.method === 'post' && !body.length) parts.push('-X POST');
  return [...parts, ...body, quoted(`${location.origin}${path}${query.size ? `?${query}` : ''}`)].join(' ');
}

function writeCommands(form) {
  for (const line of form.parentElement.querySelectorAll('[data-beginning]')) {
    const [text, button] = [line.querySelector('code'), line.querySelector('button')];
    text.textContent = button.dataset.copy = button.ariaDescription = commandOf(form, line.dataset.beginning);
  }
}

/** A body as text, JSON with a line for each value. */
async function readable(response) {
  const text = await response.text();
  if (!response.headers.get('content-type')?.startsWith('application/json')) return text.slice(0, LONGEST_BODY);
  return JSON.stringify(JSON.parse(text), null, 2).slice(0, LONGEST_BODY);
}

async function send(form) {
  const answer = document.getElementById(form.dataset.answer);
  const [heading, body, more] = answer.children;
  const [address, request] = requestOf(form);
  const begun = performance.now();
  const show = (summary, headerLines, text) => {
    heading.textContent = summary;
    more.querySelector('pre').textContent = headerLines;
    body.textContent = text;
    more.hidden = !headerLines;
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
  if (!event.target.dataset.answer) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener('input', ({ target }) => {
  if (target.form?.dataset.path) writeCommands(target.form);
});
document.addEventListener('click', ({ target }) => {
  if (target.dataset.copy && target.textContent !== 'Copied') copy(target);
});
for (const field of document.querySelectorAll('[data-in="path"]')) field.readOnly = false;
document.documentElement.dataset.canSend = '';
if (navigator.clipboard) document.documentElement.dataset.canCopy = '';
