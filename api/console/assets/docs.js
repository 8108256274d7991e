// Starts Scalar's API reference on /docs. Everything comes from this host: no fonts, no telemetry, no proxy, and no
// services of Scalar's.
/* global Scalar */
Scalar.createApiReference('#reference', {
  url: '/api/v1/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  showDeveloperTools: 'never',
  // Opens the document in a client of Scalar's on another host.
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  documentDownloadType: 'direct',
  // A token is kept by nobody but this page, for as long as it is open.
  persistAuth: false,
  // With the bearer scheme it would send an empty token, which is refused although the cookie is there.
  authentication: { preferredSecurityScheme: 'cookie' },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  metaData: { title: 'API reference · Masker evidence' },
});
