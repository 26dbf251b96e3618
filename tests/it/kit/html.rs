//! Just enough reading of our own HTML: visible text, and forms with what they would send.

/// A form as a browser would send it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// Where to.
    pub(crate) action: String,
    /// Names and values.
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// The same with these fields typed in. A name that occurs several times here (check boxes) replaces all of its
    /// values; an empty value unchecks a box or clears a field.
    pub(crate) fn filled(mut self, fields: &[(&str, &str)]) -> Self {
        self.fields.retain(|(name, _)| fields.iter().all(|(typed, _)| typed != name));
        self.fields.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// What stands in a field.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// `a=1&b=2`.
    pub(crate) fn encoded(&self) -> String {
        let mut fields = ainas::web::kit::fields::Fields::default();
        for (name, value) in &self.fields {
            fields.push(name, value);
        }
        fields.query()
    }
}

/// All forms of a page.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    for part in html.split("<form").skip(1) {
        let (tag, rest) = part.split_once('>').unwrap_or((part, ""));
        let inside = rest.split("</form>").next().unwrap_or_default();
        forms.push(Form { action: attribute(tag, "action").unwrap_or_default(), fields: fields(inside) });
    }
    forms
}

fn fields(html: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[..end];
        let name = attribute(tag, "name").unwrap_or_default();
        let after = &rest[end + 1..];
        if tag.starts_with("input") && !name.is_empty() {
            let kind = attribute(tag, "type").unwrap_or_default();
            let value = attribute(tag, "value").unwrap_or_default();
            let sent = match kind.as_str() {
                "checkbox" | "radio" => has(tag, "checked"),
                _ => true,
            };
            if sent {
                fields.push((name, value));
            }
        } else if tag.starts_with("textarea") {
            let text = after.split("</textarea>").next().unwrap_or_default();
            fields.push((name, unescape(text.strip_prefix('\n').unwrap_or(text))));
        } else if tag.starts_with("select") {
            let options: Vec<&str> =
                after.split("</select>").next().unwrap_or_default().split("<option").skip(1).collect();
            let tag_of = |option: &&str| option.split('>').next().unwrap_or_default().to_owned();
            let chosen = options.iter().map(tag_of).find(|tag| has(tag, "selected"));
            if let Some(tag) = chosen.or_else(|| options.first().map(tag_of)) {
                fields.push((name, attribute(&tag, "value").unwrap_or_default()));
            }
        }
        rest = after;
    }
    fields
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(unescape(tag[start..].split('"').next()?))
}

fn has(tag: &str, name: &str) -> bool {
    tag.split_whitespace().any(|word| word.trim_end_matches('/') == name)
}

/// Visible text with single spaces.
pub(crate) fn text(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut text = String::new();
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else { break };
        let tag = rest[at + 1..].trim_start_matches('/');
        let inline = ["span", "strong", "a ", "a>", "b>", "i>", "em", "small", "code", "mark"];
        if !inline.iter().any(|name| tag.starts_with(name)) {
            text.push(' ');
        }
        rest = &rest[at + end + 1..];
    }
    text.push_str(rest);
    unescape(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}
