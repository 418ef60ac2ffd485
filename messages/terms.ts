// terms — the terms authorities grant, in days: what a simulated one writes into its answers, and what the build of the
// forms asks it for.

/** From a week to ten years. */
export const termDays = [7, 15, 30, 60, 90, 182, 365, 730, 1095, 1461, 1826, 3652] as const
