import type { Claims } from '../../shared/accounts/claim-map.ts';

/**
 * Many providers give most claims at the user info endpoint alone (OpenID Connect Core 1.0 §5.4). Those of the ID token
 * count more, since it is signed. An e-mail keeps the mark of its own source: another address may be the verified one.
 */
export function mergeClaims(idToken: Claims, userInfo: Claims): Claims {
  const source = Object.hasOwn(idToken, 'email') ? idToken : userInfo;
  return { ...userInfo, ...idToken, email_verified: source.email_verified };
}
