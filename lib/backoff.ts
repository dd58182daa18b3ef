const longestSeconds = 30

/** How long to wait after so many failures in a row: doubling, up to half a minute, and never all clients at once. */
export const backoffSeconds = (failures: number): number =>
  failures === 0 ? 0 : Math.min(longestSeconds, 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
