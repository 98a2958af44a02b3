/** What somebody hostile would give as a name; shown on most pages. */
export const HOSTILE = `<img src=x onerror="alert('name')">"'><svg onload=alert(1)><script>alert('name')</script>`

/** The same as JSON writes it. */
export const HOSTILE_JSON = JSON.stringify(HOSTILE).slice(1, -1)

/** The name of a header, as hostile as HTTP allows: as markup it would begin an element. */
export const HOSTILE_HEADER = "x-&ltimg-onerror'alert`1`"
