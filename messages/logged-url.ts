// logged-url — an address as a log and a command show it.

/** Sentinels, and nodes of a cluster: `redis+cluster://user:password@host:6379,host:6379`. */
const severalHosts = /^(rediss?\+[a-z]+:)\/\/(?:[^@/]*@)?([^/?#@]+)(\/[^?#]*)?/

/** An address as it may stand in a log: without user, password and query, where keys are. */
export function loggedUrl(url: string): string {
  if (!URL.canParse(url)) {
    const [, scheme, hosts, path = ''] = severalHosts.exec(url) ?? []
    return scheme === undefined ? '[no address]' : `${scheme}//${hosts}${path}`
  }
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
