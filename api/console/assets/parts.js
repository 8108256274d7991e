// Parts of a page that htmx loads again in their place: what a reader is told while one is loaded, once it has changed, and
// where it could not be loaded. An answer that lacks the part never takes its place. A part may also follow a stream of
// events, which tells whenever it has changed.

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

/** The part that a request loads or follows, as it stands on the page now. */
function partOf({ target }) {
  return target?.id ? document.getElementById(target.id) : null;
}

function isFollowing(part) {
  return part.hasAttribute('hx-sse:connect');
}

/** Whether an answer holds what the part is to show. */
function isFitting(part, { response }, tasks) {
  if (isFollowing(part)) return response.headers.get('Content-Type')?.startsWith('text/event-stream');
  return response.status < 400 && tasks[0]?.fragment.childElementCount > 0;
}

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  const part = partOf(ctx);
  if (!part || isFollowing(part)) return;
  awaited.set(part.id, ctx);
  part.setAttribute('aria-busy', 'true');
  forgetFailure(part);
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
  if (isFitting(part, ctx, tasks)) {
    ctx.hadFocus = part.contains(document.activeElement);
    return;
  }
  // Neither the part nor the address changes.
  event.preventDefault();
  tellFailure(part, reasonIn(ctx));
  if (isFollowing(part)) followAgain(part, ctx.response.status);
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
  if (!part) return;
  tellFailure(part, ctx.text === undefined ? NO_ANSWER : 'The answer could not be shown.');
  if (isFollowing(part)) followAgain(part, null);
});

// htmx connects again by itself where a stream had begun once.
document.addEventListener('htmx:sse:error', ({ target: part, detail: { connection, status = null } }) => {
  tellFailure(part, status === null ? NO_ANSWER : statusWords(status));
  if (!connection || status === 401) followAgain(part, status);
});

document.addEventListener('htmx:sse:after:connection', ({ target: part }) => {
  attempts.delete(part);
  forgetFailure(part);
});

const PAUSES_MS = [1_000, 3_000, 10_000, 30_000, 60_000];
/** How often a part tried in vain to follow its stream, since the last time that it could. */
const attempts = new WeakMap();

/** Follows a stream that did not begin after a pause, a longer one each time. A login that has ended leads to sign in. */
function followAgain(part, status) {
  if (status === 401) {
    location.reload();
    return;
  }
  const attempt = attempts.get(part) ?? 0;
  attempts.set(part, attempt + 1);
  setTimeout(
    () => part.dispatchEvent(new Event('again')),
    PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)],
  );
}

const NO_ANSWER = 'No answer came.';

function statusWords(status) {
  return `The server answered with status ${status}.`;
}

/** What the page says that came instead. */
function reasonIn({ response, text }) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const said = page.querySelector('[role="alert"]')?.textContent.trim();
  return said || statusWords(response.status);
}

function failureId({ id }) {
  return `failed-${id}`;
}

function forgetFailure(part) {
  document.getElementById(failureId(part))?.remove();
  // What a stream brings replaces what the part holds, and not the part.
  if (isFollowing(part)) part.classList.remove('older');
}

function tellFailure(part, reason) {
  const { failed, older } = part.dataset;
  const hasContent = part.textContent.trim() !== '';
  part.classList.toggle('older', hasContent);
  const words = `${failed}: ${reason} ${hasContent ? older : ''}`.trim();
  const told = document.getElementById(failureId(part));
  if (told?.textContent === words) return;
  told?.remove();
  const alert = document.createElement('p');
  alert.id = failureId(part);
  alert.className = 'notice bad';
  alert.setAttribute('role', 'alert');
  part.before(alert);
  alert.textContent = words;
  alert.scrollIntoView({ block: 'nearest' });
}
