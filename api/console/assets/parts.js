// Parts of a page that htmx loads again in their place: what a reader is told while one is loaded, once it has changed, and
// where it could not be loaded. An answer that lacks the part never takes its place.

const live = document.getElementById('live');

/** Tells readers who do not see the page. */
function say(words) {
  if (!live || !words) return;
  // A text that is there already would not be read out again.
  live.textContent = '';
  setTimeout(() => {
    live.textContent = words;
  }, 100);
}

/** The request that a part waits for, by the part's id: a newer one takes over from one under way. */
const awaited = new Map();
/** Quick answers are not announced as being awaited. */
const SAY_LOADING_MS = 1_000;

/** The part that a request loads, as it stands on the page now; null where it is a stream's. */
function partOf({ select, target }) {
  return select && target ? document.getElementById(target.id) : null;
}

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  const part = partOf(ctx);
  if (!part) return;
  awaited.set(part.id, ctx);
  part.setAttribute('aria-busy', 'true');
  document.getElementById(failureId(part))?.remove();
  setTimeout(() => {
    if (awaited.get(part.id) === ctx) say('Loading …');
  }, SAY_LOADING_MS);
});

document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  const part = partOf(ctx);
  if (!part || awaited.get(part.id) !== ctx) return;
  awaited.delete(part.id);
  part.removeAttribute('aria-busy');
});

document.addEventListener('htmx:before:swap', (event) => {
  const { ctx, tasks } = event.detail;
  const part = partOf(ctx);
  if (!part) return;
  if (ctx.response.status < 400 && tasks[0]?.fragment.childElementCount > 0) {
    ctx.hadFocus = part.contains(document.activeElement);
    return;
  }
  // Neither the part nor the address changes.
  event.preventDefault();
  tellFailure(part, reasonIn(ctx));
});

document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  const part = document.getElementById(ctx.target?.id ?? '');
  if (!part) return;
  // The control that had the focus may be gone, as the link to the next page is on the last one.
  if (ctx.hadFocus && !part.contains(document.activeElement)) part.focus({ preventScroll: true });
  say(part.dataset.announce ?? part.querySelector('[data-announce]')?.dataset.announce);
});

document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
  const part = ctx && partOf(ctx);
  if (part) tellFailure(part, ctx.text === undefined ? 'No answer came.' : 'The answer could not be shown.');
});

/** What the page says that came instead. */
function reasonIn({ response, text }) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const said = page.querySelector('[role="alert"]')?.textContent.trim();
  return said || `The server answered with status ${response.status} and no reason.`;
}

function failureId({ id }) {
  return `failed-${id}`;
}

function tellFailure(part, reason) {
  const { failed, older } = part.dataset;
  const hasContent = part.textContent.trim() !== '';
  part.classList.toggle('older', hasContent);
  const alert = document.createElement('p');
  alert.id = failureId(part);
  alert.className = 'notice bad';
  alert.setAttribute('role', 'alert');
  part.before(alert);
  alert.textContent = `${failed}: ${reason} ${hasContent ? older : ''}`.trim();
  alert.scrollIntoView({ block: 'nearest' });
}
