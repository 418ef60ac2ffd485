// log — what the queues need of a logger: an event with ids. pino fits.
export interface Log {
  info(ids: object, event: string): void
  warn(ids: object, event: string): void
  error(ids: object, event: string): void
}
