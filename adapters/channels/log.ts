// log — what a channel needs of a logger: an event with ids. pino fits.

/** `ids` are numbers by which a line is found; never payloads, never secrets. None of the three throws. */
export interface Log {
  info(ids: object, event: string): void
  warn(ids: object, event: string): void
  error(ids: object, event: string): void
}
