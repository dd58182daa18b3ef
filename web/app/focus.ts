/** Where the focus was last, and what that was in, from within. */
let last: Element[] = []

/** Whatever knows better where the focus belongs has put it there by then. */
const patienceMilliseconds = 100

const focusable = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), summary'

export const focusHeading = (): void =>
  document.querySelector<HTMLElement>('main h2[tabindex]')?.focus({ preventScroll: true })

/**
 * A browser drops the focus of what is removed or disabled, and whoever uses a keyboard is back at the page's beginning.
 * This puts it as near as can be to where it was.
 */
export function keepFocus(root: Element): void {
  root.addEventListener('focusin', ({ target }) => {
    last = []
    for (
      let each = target instanceof Element ? target : null;
      each && each !== root;
      each = each.parentElement
    )
      last.push(each)
  })
  // Whoever presses beside everything wants the focus gone.
  root.addEventListener('pointerdown', () => (last = []), { capture: true })
  let waiting: ReturnType<typeof setTimeout> | undefined
  const soon = (): void => {
    waiting ??= setTimeout(() => {
      waiting = undefined
      restore()
    }, patienceMilliseconds)
  }
  new MutationObserver(soon).observe(root, {
    childList: true,
    subtree: true,
    attributeFilter: ['disabled'],
  })
}

function restore(): void {
  const [focused] = last
  if (!(focused instanceof HTMLElement) || document.activeElement !== document.body) return
  // While it is disabled, as for as long as something takes, it is waited for.
  if (focused.isConnected) return focused.focus()
  const around = last.find((each) => each.isConnected)
  // The next item of a list is another matter.
  const near = around?.matches('ul, ol') ? null : around?.querySelector<HTMLElement>(focusable)
  if (near) near.focus()
  else focusHeading()
}
