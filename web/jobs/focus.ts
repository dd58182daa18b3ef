import { jobAddress } from '../app/route.ts'

/** For when the button that had the focus is gone: whoever uses the keyboard shall not have to begin at the top. */
export const focusHeading = (): void => document.querySelector<HTMLElement>('main h2[tabindex]')?.focus()

/** The same, where the job itself is still there. */
export function focusJob(id: string): void {
  if (document.activeElement !== document.body) return
  const link = document.querySelector<HTMLElement>(`main a[href="${jobAddress(id)}"]`)
  if (link) link.focus()
  else focusHeading()
}
