// file-name — may a file of this name be stored on every system an agency may run? Windows among them, where some names
// are devices and some ends are dropped.

/** Names of devices, whatever ending follows (Naming Files, Paths, and Namespaces; Win32). */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i
/** Characters that turn the reading order: `a‮lmx.exe` is shown as `aexe.xml`. */
const turning = /[\u202a-\u202e\u2066-\u2069]/

/** Why not, in words; undefined when it may. */
export function nameFault(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'a file without a name'
  if (/[/\\]/.test(name)) return `a path: ${name.slice(0, 200)}`
  if (name.includes(':')) return `a drive or stream: ${name}`
  if (/[\u0000-\u001f\u007f]/.test(name) || turning.test(name)) return 'a control character in a name'
  if (device.test(name)) return `the name of a device: ${name}`
  if (/[. ]$/.test(name)) return `a name that ends with a dot or a space: ${name}`
  if (Buffer.byteLength(name) > 255) return 'a name longer than 255 bytes'
  return undefined
}
