//! The names of our endpoints as OAuth knows them: resource identifiers (RFC 8707), and where their metadata is
//! (RFC 9728 §3.1).

/// An endpoint, as far as tokens can tell one from another. The REST facade counts as the endpoint that it stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Resource<'a> {
    /// `/mcp`
    All,
    /// `/mcp/{server}`
    Server(&'a str),
}

pub(crate) const METADATA: &str = "/.well-known/oauth-protected-resource";

impl<'a> Resource<'a> {
    /// By the path of an endpoint. Whether there is such a server makes no difference, only whether there can be one.
    pub(crate) fn of_path(path: &'a str) -> Option<Self> {
        match path.strip_prefix("/mcp")? {
            "" | "/" => Some(Self::All),
            rest => rest.strip_prefix('/').filter(|name| is_name(name)).map(Self::Server),
        }
    }

    /// None: it is an endpoint that no server can have.
    pub(crate) fn writable(self) -> Option<Self> {
        self.name().is_none_or(is_name).then_some(self)
    }

    fn name(self) -> Option<&'a str> {
        match self {
            Self::All => None,
            Self::Server(name) => Some(name),
        }
    }
}

/// What a server may be called (contract 2.2).
fn is_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Where clients reach the proxy, `PUBLIC_PROXY_URL`.
#[derive(Debug)]
pub(crate) struct Address {
    scheme: Box<str>,
    authority: Box<str>,
    /// Empty, or beginning with `/` and not ending with one.
    path: Box<str>,
}

impl Address {
    pub(crate) fn new(url: &str) -> Self {
        let (scheme, authority, path) = split(url).unwrap_or(("http", url, ""));
        Self {
            scheme: scheme.to_ascii_lowercase().into(),
            authority: authority.to_ascii_lowercase().into(),
            path: path.into(),
        }
    }

    /// The canonical identifier of an endpoint.
    pub(crate) fn uri(&self, resource: Resource<'_>) -> String {
        self.write("", resource)
    }

    pub(crate) fn metadata_uri(&self, resource: Resource<'_>) -> String {
        self.write(METADATA, resource)
    }

    fn write(&self, prefix: &str, resource: Resource<'_>) -> String {
        let Self { scheme, authority, path } = self;
        match resource.name() {
            None => format!("{scheme}://{authority}{prefix}{path}/mcp"),
            Some(name) => format!("{scheme}://{authority}{prefix}{path}/mcp/{name}"),
        }
    }

    /// What a request for metadata is about, by what stands behind the well-known name. The root stands for `/mcp`.
    pub(crate) fn described<'a>(&self, rest: &'a str) -> Option<Resource<'a>> {
        let rest = rest.strip_prefix(&*self.path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match rest.unwrap_or_default() {
            "" | "/" => rest.map(|_| Resource::All),
            path => Resource::of_path(path),
        }
    }

    /// What a URL of ours has behind our own path.
    fn path_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        let (scheme, authority, path) = split(url)?;
        let is_ours =
            scheme.eq_ignore_ascii_case(&self.scheme) && authority.eq_ignore_ascii_case(&self.authority);
        path.strip_prefix(&*self.path).filter(|rest| is_ours && (rest.is_empty() || rest.starts_with('/')))
    }
}

/// What of ours a token is for (R7.4): all that is kept of its audiences.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    /// The proxy as a whole.
    pub(crate) is_gateway: bool,
    is_all: bool,
    pub(crate) servers: Box<[Box<str>]>,
}

impl Audience {
    /// Scheme and host are read in any case, and with or without a slash at the end.
    pub(crate) fn of<'a>(address: &Address, audiences: impl Iterator<Item = &'a str>) -> Self {
        let (mut audience, mut servers) = (Self::default(), Vec::new());
        for path in audiences.filter_map(|audience| address.path_of(audience)) {
            if path.is_empty() {
                audience.is_gateway = true;
                continue;
            }
            match Resource::of_path(path) {
                Some(Resource::All) => audience.is_all = true,
                Some(Resource::Server(name)) => servers.push(name.into()),
                None => {}
            }
        }
        Self { servers: servers.into(), ..audience }
    }

    /// Whether this endpoint is meant by its own name.
    pub(crate) fn has(&self, resource: Resource<'_>) -> bool {
        match resource.name() {
            None => self.is_all,
            Some(name) => self.servers.iter().any(|server| **server == *name),
        }
    }
}

/// Scheme, authority without a port that goes without saying, and path without the slash at its end.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let authority = authority.strip_suffix(port).unwrap_or(authority);
    Some((scheme, authority, path.strip_suffix('/').unwrap_or(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(address: &Address, audience: &str, resource: Resource<'_>) -> bool {
        Audience::of(address, [audience].into_iter()).has(resource)
    }

    fn is_gateway(address: &Address, audience: &str) -> bool {
        Audience::of(address, [audience].into_iter()).is_gateway
    }

    #[test]
    fn an_audience_means_one_endpoint_however_it_is_written() {
        let address = Address::new("https://GW.example.com/");
        let github = Resource::Server("github");
        for (audience, resource, is_meant) in [
            ("https://gw.example.com/mcp/github", github, true),
            ("HTTPS://Gw.Example.COM/mcp/github/", github, true),
            ("https://gw.example.com/mcp", Resource::All, true),
            ("https://gw.example.com/mcp/", Resource::All, true),
            ("https://gw.example.com/mcp", github, false),
            ("https://gw.example.com/mcp/github", Resource::All, false),
            ("https://gw.example.com/mcp/jira", github, false),
            ("https://gw.example.com/mcp/GitHub", github, false),
            ("https://gw.example.com/mcp/github//", github, false),
            ("https://gw.example.com/mcp/github?x=1", github, false),
            ("https://gw.example.com/mcp/github#x", github, false),
            ("https://gw.example.com:443/mcp/github", github, true),
            ("https://gw.example.com:80/mcp/github", github, false),
            ("https://gw.example.com", github, false),
            ("https://gw.example.com:8443/mcp/github", github, false),
            ("http://gw.example.com/mcp/github", github, false),
            ("https://gw.example.com.evil.com/mcp/github", github, false),
            ("https://u@gw.example.com/mcp/github", github, false),
            ("https://gw.example.com/x/mcp/github", github, false),
            ("/mcp/github", github, false),
            ("github", github, false),
            ("", github, false),
        ] {
            assert_eq!(is(&address, audience, resource), is_meant, "{audience} for {resource:?}");
        }
        assert!(
            is_gateway(&address, "https://gw.example.com") && is_gateway(&address, "https://gw.example.com/")
        );
        assert!(!is_gateway(&address, "https://gw.example.com/mcp"));
    }

    #[test]
    fn a_port_that_goes_without_saying_is_not_said() {
        for (url, uri) in [
            ("https://gw.example.com:443", "https://gw.example.com/mcp"),
            ("http://gw.example.com:80/gw", "http://gw.example.com/gw/mcp"),
            ("https://gw.example.com:80", "https://gw.example.com:80/mcp"),
            ("http://localhost:8080", "http://localhost:8080/mcp"),
        ] {
            let address = Address::new(url);
            assert_eq!(address.uri(Resource::All), uri);
            assert!(is(&address, uri, Resource::All) && is_gateway(&address, url), "{url}");
        }
    }

    #[test]
    fn an_address_with_a_path_keeps_it_in_front() {
        let address = Address::new("https://example.com/gw/");
        let github = Resource::Server("github");
        assert_eq!(address.uri(github), "https://example.com/gw/mcp/github");
        assert_eq!(
            address.metadata_uri(github),
            "https://example.com/.well-known/oauth-protected-resource/gw/mcp/github"
        );
        assert!(is(&address, "https://example.com/gw/mcp/github", github));
        assert!(!is(&address, "https://example.com/gwmcp/github", github));
        assert_eq!(address.described("/gw/mcp/github"), Some(github));
        assert_eq!(address.described("/gw"), Some(Resource::All));
        assert_eq!(address.described("/gwx"), None);
    }

    #[test]
    fn metadata_is_about_endpoints_and_nothing_else() {
        let address = Address::new("http://localhost:8080");
        for (rest, described) in [
            ("", Some(Resource::All)),
            ("/", Some(Resource::All)),
            ("/mcp", Some(Resource::All)),
            ("/mcp/github", Some(Resource::Server("github"))),
            ("/mcp/nobody-has-it", Some(Resource::Server("nobody-has-it"))),
            ("/mcp/Git\"Hub", None),
            ("/mcp/a/b", None),
            ("/mcpx", None),
            ("/v1", None),
        ] {
            assert_eq!(address.described(rest), described, "{rest}");
        }
    }
}
