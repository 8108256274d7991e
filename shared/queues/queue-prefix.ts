/**
 * Prefix of a deployment's keys in Redis. The name of its database tells it from other deployments on the same Redis.
 */
export function queuePrefix(mongodbDb: string): string {
  // The braces are a hash tag: they keep all keys of the deployment on one node of a Redis cluster.
  return `{masker-${mongodbDb}}`;
}
