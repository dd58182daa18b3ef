/** The page's name with its sign, a cassette. */
export function Brand() {
  return (
    <h1 class="brand">
      <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
        <rect x="2" y="5" width="20" height="14" rx="3" />
        <circle cx="8.5" cy="12" r="2" />
        <circle cx="15.5" cy="12" r="2" />
        <path d="M8.5 14h7M7 19l1.5-2.5h7L17 19" />
      </svg>
      Tapedeck
    </h1>
  )
}
