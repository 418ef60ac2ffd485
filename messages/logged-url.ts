// logged-url — an address as a log and a command show it.

/** An address as it may stand in a log: without user, password and query, where keys are. */
export function loggedUrl(url: string): string {
  if (!URL.canParse(url)) return '[no address]'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
