/** A printer leaves out the dark background, on which light text could be read: it gets the light colours. */
export function printInLight(): void {
  const { classList } = document.documentElement
  let wasDark = false
  addEventListener('beforeprint', () => {
    wasDark = classList.contains('dark')
    classList.remove('dark')
  })
  addEventListener('afterprint', () => classList.toggle('dark', wasDark))
}
