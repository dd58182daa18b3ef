/** What there is in English only, behind other words. It is marked: else it would be read aloud as the page's language is. */
export function English({ children }: { children: string | undefined }) {
  if (!children) return null
  return (
    <>
      {' '}
      <bdi lang="en">{children}</bdi>
    </>
  )
}
