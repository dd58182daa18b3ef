let isDownload = false

/** Lets the browser ask before the page is left while `isBusy`: what is under way would be lost. */
export function guardLeaving(isBusy: () => boolean): void {
  addEventListener('beforeunload', (event) => {
    if (isBusy() && !isDownload) event.preventDefault()
  })
}

/** Navigates to an attachment: the page stays, although the browser believes at first that it is left. */
export function openAttachment(url: string): void {
  isDownload = true
  location.assign(url)
  setTimeout(() => (isDownload = false), 1000)
}
