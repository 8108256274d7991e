// What runs in the browser on every page, besides htmx.

// The reader's time zone, for the server: no header states it. A page that was made with another is
// loaded again, unless it answers a form: loading that again would send the form again.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const stated = `masker_tz=${encodeURIComponent(zone)}`;
if (zone && !document.cookie.split('; ').includes(stated)) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API does not exist over plain HTTP.
  document.cookie = `${stated}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  const { posted } = document.documentElement.dataset;
  if (posted === undefined && document.querySelector('time')) location.reload();
}

// The check of files: its script is that of verify.html, and finds its fields by their ids. The page says what to do
// where the script is missing.
const evidence = document.getElementById('evidence-page');
if (evidence) {
  await import(evidence.dataset.script);
  evidence.hidden = false;
  document.getElementById('evidence-missing').hidden = true;
}
