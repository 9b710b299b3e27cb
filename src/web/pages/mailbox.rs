//! The built-in mailbox, for development and demonstrations: every mail that would have been sent, readable.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::page;
use crate::app::App;
use crate::domain::id::KeptId;
use crate::service::mailbox::{self, KeptSummary, KeptView};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::view::View;

/// Mails a page.
const PAGE: u32 = 50;

/// A mail may style itself and nothing else: no script, no form, no picture from elsewhere; its links open new windows.
pub const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

#[derive(Template)]
#[template(path = "pages/mailbox.html")]
struct MailboxPage {
    v: View,
    rcpt: String,
    mails: Vec<KeptSummary>,
    next_url: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/mailbox_mail.html")]
struct MailPage {
    v: View,
    mail: KeptView,
    links: Vec<String>,
}

async fn view_of(req: &HttpRequest) -> Result<View, Failure> {
    Ok(match Signed::find(req).await? {
        Some(signed) => View::of_user(req, &signed),
        None => View::of_request(req),
    })
}

fn read_id(text: &str) -> Result<KeptId, Failure> {
    text.parse().map_err(|_| Failure::NoRoute)
}

/// The mails, newest first, of one recipient or of all.
///
/// # Errors
/// Not found where the mailbox is not shown.
pub async fn list(req: HttpRequest, app: web::Data<App>, query: QueryFields) -> Result<HttpResponse, Failure> {
    let rcpt = query.0.get("to").trim().to_owned();
    let before = query.0.filled("before").map(read_id).transpose()?;
    let wanted = Some(rcpt.clone()).filter(|rcpt| !rcpt.is_empty());
    let mut mails = mailbox::list(&app, wanted, before, PAGE + 1).await?;
    let more = mails.len() > PAGE as usize;
    mails.truncate(PAGE as usize);
    let last = mails.last().filter(|_| more).map(|mail| mail.id.to_string());
    let next_url = last.map(|before| {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("to", &rcpt).append_pair("before", &before);
        format!("/mailbox?{}", pairs.finish())
    });
    page(&MailboxPage { v: view_of(&req).await?, rcpt, mails, next_url })
}

/// One mail: its headers, its text, its links, and its HTML in a frame of its own.
///
/// # Errors
/// Not found where the mailbox is not shown, or the mail is not there.
pub async fn show(req: HttpRequest, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let mail = mailbox::get(&app, read_id(&id)?).await?;
    let links = links_of(&mail.text, &app.config.institution.base_url);
    page(&MailPage { v: view_of(&req).await?, mail, links })
}

/// The mail's HTML, under a policy that lets it do nothing.
///
/// # Errors
/// Not found where the mailbox is not shown, or the mail has no HTML.
pub async fn html(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let mail = mailbox::get(&app, read_id(&id)?).await?;
    let body = mail.html.ok_or(Failure::NoRoute)?;
    let policy = (header::CONTENT_SECURITY_POLICY, MAIL_POLICY);
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(policy).body(body))
}

/// The addresses of ours in a mail's text, as paths: the mailbox may be looked at under another name than the mail's links have.
fn links_of(text: &str, base_url: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"'));
    let mut links: Vec<String> = Vec::new();
    for path in words.filter_map(|word| word.strip_prefix(base_url)).filter(|path| path.starts_with('/')) {
        if !links.iter().any(|known| known == path) {
            links.push(path.to_owned());
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::links_of;

    #[test]
    fn links_are_those_of_ours_each_once() {
        let text = "Buka <http://a.id/t/x> atau http://a.id/t/x\nhttp://b.id/t/y http://a.id/p/z";
        assert_eq!(links_of(text, "http://a.id"), ["/t/x", "/p/z"]);
    }
}
