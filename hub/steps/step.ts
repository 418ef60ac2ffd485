// step — what a queue worker runs. Every step may run twice (promise 7): it asks the ledger first.

/** Done, perhaps freeing another submission that waited behind this one; or to be run again at a given time. */
export type StepResult =
  { outcome: 'done'; next?: { submissionId: string; agency: string } } | { outcome: 'later'; at: Date }
