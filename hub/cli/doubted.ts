// doubted — what is said of submissions that waited in a ledger which was put back: what they are now, and what to do.

/** @param doubted how many that were */
export const doubtedText = (doubted: number): string[] =>
  doubted === 0
    ? ['Nothing waited in it.']
    : [
        `Submissions that waited in it and may have been sent since: ${doubted}. They are unclear now. ` +
          'Started, the hub asks the agencies that can be asked;',
        'for the others ask yourself, then `hub unclear resolve <submission> taken|resend --why …`, or for one agency',
        '`hub unclear resolve-all taken|resend --agency <code> --code HUB_RESTORED --why …`.',
      ]
