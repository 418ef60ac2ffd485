// config-error — the configuration has faults, and the hub does not start.

/** Every fault of the configuration at once, so that one restart shows all. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  constructor(readonly faults: string[]) {
    super(
      `the configuration has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} ` +
        `配置有 ${faults.length} 处错误:\n  ${faults.join('\n  ')}`,
    )
  }
}
