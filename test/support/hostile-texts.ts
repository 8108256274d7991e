// Texts that would act as markup, or on the text beside them, where a page does not treat them as text.

/** Ways out of where a page may put a text: an element, an attribute, a comment, a script, a style, a drawing. */
const WAYS_OUT = [
  ...['', '"', "'", '`', '">', "'>", '" x="', '-->', ']]>', '</title>', '</textarea>', '</style>'],
  ...['</script>', '</svg>', '</option></select>', '</code></pre>', '&quot;>'],
];

/** What an attacker would put there. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<form action=https://evil.example><button>Sign in</button></form>',
  '<base href=https://evil.example>',
  '<meta http-equiv=refresh content=0;url=https://evil.example>',
  ' onfocus=alert(1) autofocus tabindex=0 x=',
  ' hx-get="/sign-out" hx-trigger="load" ',
  ' style="position:fixed;inset:0;background:#fff" ',
];

/** Texts that do without a way out, or need none: entities, templates, addresses, characters that hide or mirror. */
const OTHERS = [
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '//evil.example/x.js',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
  '{{constructor.constructor("alert(1)")()}}',
  '$' + '{alert(1)}',
  '<%= 7*7 %>',
  'url(#x)',
  'red;}body{display:none',
  '<!--',
  '<![CDATA[',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  '<a href="javascript:alert(1)">x</a>',
  '<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<details open ontoggle=alert(1)>',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<object data=javascript:alert(1)>',
  '\u202Egnp.exe',
  '\u2066isolated\u2069',
  'name\u0000end',
  'zero\u200Bwidth',
  '\uFEFFmark',
  'line\u2028break',
  'bell\u0007',
  '\u001b[31mred',
  '\ud800lone surrogate',
  '__proto__',
  'é'.repeat(300),
];

/** Some two hundred of them. */
export const HOSTILE_TEXTS: readonly string[] = [
  ...ATTACKS.flatMap((attack) => WAYS_OUT.map((way) => way + attack)),
  ...OTHERS,
];
