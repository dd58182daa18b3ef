import { useLayoutEffect } from 'preact/hooks'

/** What a browser says that knows the Navigation API, before the address changes. */
interface NavigateEvent extends Event {
  destination: { sameDocument: boolean }
}
interface Navigating {
  addEventListener(type: 'navigate', listener: (event: NavigateEvent) => void): void
  removeEventListener(type: 'navigate', listener: (event: NavigateEvent) => void): void
}

/**
 * Asks before somebody goes elsewhere, also within the page, for as long as there is a question: what was typed would be lost.
 * Older browsers ask, in their own words, only before the page itself is left.
 */
export function useLeavingQuestion(question: string | undefined): void {
  // At once: whoever has said yes is not to be asked on the way.
  useLayoutEffect(() => {
    if (question === undefined) return
    const { navigation } = window as { navigation?: Navigating }
    const ask = (event: NavigateEvent): void => {
      const { cancelable, destination } = event
      if (cancelable && destination.sameDocument && !confirm(question)) event.preventDefault()
    }
    const warn = (event: Event): void => event.preventDefault()
    navigation?.addEventListener('navigate', ask)
    addEventListener('beforeunload', warn)
    return () => {
      navigation?.removeEventListener('navigate', ask)
      removeEventListener('beforeunload', warn)
    }
  }, [question])
}
