import { createStore } from '../store.ts'

/** Whether the machine has a network, as far as the browser knows. A server on the same machine needs none. */
export const isOnline = createStore(navigator.onLine)

for (const event of ['online', 'offline']) addEventListener(event, () => isOnline.set(navigator.onLine))
