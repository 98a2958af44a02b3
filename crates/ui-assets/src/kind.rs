//! What a file is, by its name.

/// The one page there is.
pub(crate) const INDEX: &str = "index.html";

/// Whether a file of the console may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let letters = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        letters && !part.is_empty() && !part.starts_with('.')
    };
    name.split('/').all(is_part)
}

/// The content type of a file. Only the index is HTML, so that nothing else can become a page.
pub(crate) fn of(name: &str) -> &'static str {
    if name == INDEX {
        return "text/html; charset=utf-8";
    }
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_a_kind_is_by_its_end() {
        for (name, is) in
            [("assets/app-Ab_1.js", true), ("a//b", false), ("../a", false), ("a%2f", false), (".a", false)]
        {
            assert_eq!(is_name(name), is, "{name}");
        }
        assert_eq!(of("assets/a.woff2"), "font/woff2");
        assert_eq!(of("assets/page.html"), "application/octet-stream");
    }
}
