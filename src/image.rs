//! Container image references.

/// The parts of `name:tag@digest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    pub name: &'a str,
    pub tag: Option<&'a str>,
    pub digest: Option<&'a str>,
}

impl<'a> Image<'a> {
    /// Nothing for what a container runtime would refuse.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (rest, digest) = split(text, text.find('@'));
        let after_path = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = split(rest, rest[after_path..].find(':').map(|colon| after_path + colon));
        let mut components = name.split('/');
        let first = components.next()?;
        let is_registry =
            name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
        let valid = (if is_registry { is_registry_host(first) } else { is_component(first) })
            && components.all(is_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        valid.then_some(Self { name, tag, digest })
    }

    /// The name without what Docker Hub lets everybody leave out: `docker.io/library/redis` is `redis`.
    #[must_use]
    pub fn repository(&self) -> &'a str {
        let hub = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
        let name = hub.iter().find_map(|hub| self.name.strip_prefix(hub)).unwrap_or(self.name);
        name.strip_prefix("library/").unwrap_or(name)
    }

    /// The numbers that the tag begins with: `v1.80.2-alpine` has 1, 80 and 2.
    #[must_use]
    pub fn version(&self) -> Vec<u32> {
        let tag = self.tag.unwrap_or_default();
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
        tag[..end].split('.').map_while(|number| number.parse().ok()).collect()
    }
}

fn split(text: &str, at: Option<usize>) -> (&str, Option<&str>) {
    at.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])))
}

fn is_component(text: &str) -> bool {
    let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| edge(&byte) || b"._-".contains(&byte);
    text.bytes().all(inner)
        && text.as_bytes().first().is_some_and(edge)
        && text.as_bytes().last().is_some_and(edge)
}

fn is_registry_host(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "1"));
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte))
        && port.parse::<u16>().is_ok()
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hash)| {
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return false,
        };
        hash.len() == length
            && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::Image;

    #[test]
    fn a_reference_is_taken_apart_at_the_right_colon() {
        let image = Image::parse("registry.example:5000/team/redis:7.2.5-alpine").unwrap();
        assert_eq!(image.name, "registry.example:5000/team/redis");
        assert_eq!((image.tag, image.digest), (Some("7.2.5-alpine"), None));
        assert_eq!(image.version(), [7, 2, 5]);
        assert_eq!(Image::parse("localhost:5000/redis").unwrap().tag, None);
        let digest = format!("redis:7.2@sha256:{}", "0a".repeat(32));
        assert_eq!(Image::parse(&digest).unwrap().tag, Some("7.2"));
        assert_eq!(Image::parse("oliver006/redis_exporter:v1.80.2").unwrap().version(), [1, 80, 2]);
    }

    #[test]
    fn docker_hub_may_be_left_out_and_no_other_registry() {
        for name in ["redis", "library/redis", "docker.io/redis", "docker.io/library/redis"] {
            assert_eq!(Image::parse(name).unwrap().repository(), "redis");
        }
        let name = "registry.example/library/redis";
        assert_eq!(Image::parse(name).unwrap().repository(), name);
    }

    #[test]
    fn what_a_runtime_refuses_is_no_image() {
        for bad in [
            "",
            "Redis:7",
            "redis:",
            "redis:7 ",
            "redis@sha256:12",
            "a//b",
            "redis:7:2",
            ":7",
            "redis@",
        ] {
            assert_eq!(Image::parse(bad), None, "{bad}");
        }
    }
}
