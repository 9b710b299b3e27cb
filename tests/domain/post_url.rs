//! Addresses of posts, platform by platform, and what is refused.

use gaung::domain::handle::Handle;
use gaung::domain::platform::Platform::{self, Facebook, Instagram, Linkedin, Threads, Tiktok, X, Youtube};
use gaung::domain::post_url::{Belongs, PostUrl, platform_of};

/// Platform, what a person pastes, canonical address, owner, id.
type Row = (Platform, &'static str, &'static str, Option<&'static str>, &'static str);

#[rustfmt::skip]
const ACCEPTED: &[Row] = &[
    (X, "https://twitter.com/KemenkeuRI/status/1790000000000000001?s=20&t=AbC#m", "https://x.com/kemenkeuri/status/1790000000000000001", Some("kemenkeuri"), "1790000000000000001"),
    (X, "mobile.twitter.com/KemenkeuRI/statuses/1790000000000000001", "https://x.com/kemenkeuri/status/1790000000000000001", Some("kemenkeuri"), "1790000000000000001"),
    (X, "http://x.com/KemenkeuRI/status/1790000000000000001/photo/1", "https://x.com/kemenkeuri/status/1790000000000000001", Some("kemenkeuri"), "1790000000000000001"),
    (X, " <https://X.COM./KemenkeuRI/status/1790000000000000001>. ", "https://x.com/kemenkeuri/status/1790000000000000001", Some("kemenkeuri"), "1790000000000000001"),
    (X, "https://x.com/i/web/status/1790000000000000001", "https://x.com/i/web/status/1790000000000000001", None, "1790000000000000001"),
    (X, "https://x.com/i/status/1790000000000000001", "https://x.com/i/web/status/1790000000000000001", None, "1790000000000000001"),
    (Instagram, "https://instagram.com/p/C6abc_-D1/?igsh=MzRlODBiNWFlZA==&img_index=2", "https://www.instagram.com/p/C6abc_-D1/", None, "C6abc_-D1"),
    (Instagram, "https://m.instagram.com/reels/C6abcD1?utm_source=x", "https://www.instagram.com/reel/C6abcD1/", None, "C6abcD1"),
    (Instagram, "https://www.instagram.com/tv/C6abcD1/", "https://www.instagram.com/tv/C6abcD1/", None, "C6abcD1"),
    (Instagram, "https://www.instagram.com/Kemenkeu.RI/reel/C6abcD1/", "https://www.instagram.com/kemenkeu.ri/reel/C6abcD1/", Some("kemenkeu.ri"), "C6abcD1"),
    (Instagram, "https://www.instagram.com/kemenkeuri/p/C6abcD1/c/1799/r/1800/", "https://www.instagram.com/kemenkeuri/p/C6abcD1/c/1800/", None, "C6abcD1/comment/1800"),
    (Facebook, "https://m.facebook.com/Kemen.KeuRI/posts/pfbid02AbCdEfGhIjKl?__cft__[0]=x", "https://www.facebook.com/kemenkeuri/posts/pfbid02AbCdEfGhIjKl", Some("kemenkeuri"), "pfbid02AbCdEfGhIjKl"),
    (Facebook, "https://id-id.facebook.com/KemenkeuRI/posts/judul-berita/123456789", "https://www.facebook.com/kemenkeuri/posts/123456789", Some("kemenkeuri"), "123456789"),
    (Facebook, "https://m.facebook.com/story.php?story_fbid=123&id=100064512345678&mibextid=a", "https://www.facebook.com/permalink.php?story_fbid=123&id=100064512345678", Some("100064512345678"), "123"),
    (Facebook, "https://web.facebook.com/permalink.php?id=100064512345678&story_fbid=pfbid02AbCdEfGhIjKl", "https://www.facebook.com/permalink.php?story_fbid=pfbid02AbCdEfGhIjKl&id=100064512345678", Some("100064512345678"), "pfbid02AbCdEfGhIjKl"),
    (Facebook, "https://fb.com/watch/?v=998877&ref=sharing", "https://www.facebook.com/watch/?v=998877", None, "998877"),
    (Facebook, "https://www.facebook.com/watch/live/?v=998877", "https://www.facebook.com/watch/?v=998877", None, "998877"),
    (Facebook, "https://www.facebook.com/reel/998877/?s=single_unit", "https://www.facebook.com/reel/998877", None, "998877"),
    (Facebook, "https://www.facebook.com/photo.php?fbid=998877&set=a.1", "https://www.facebook.com/photo/?fbid=998877", None, "998877"),
    (Facebook, "https://www.facebook.com/KemenkeuRI/photos/a.12/998877/?type=3", "https://www.facebook.com/kemenkeuri/photos/998877", Some("kemenkeuri"), "998877"),
    (Facebook, "https://www.facebook.com/KemenkeuRI/videos/998877/", "https://www.facebook.com/kemenkeuri/videos/998877", Some("kemenkeuri"), "998877"),
    (Facebook, "https://www.facebook.com/groups/Pajak.ID/permalink/555", "https://www.facebook.com/groups/pajak.id/posts/555", None, "555"),
    (Facebook, "https://www.facebook.com/KemenkeuRI/posts/123?comment_id=456&reply_comment_id=789", "https://www.facebook.com/kemenkeuri/posts/123?comment_id=456&reply_comment_id=789", None, "123/comment/789"),
    (Tiktok, "https://www.tiktok.com/@Kemenkeu.RI/video/7350000000000000001?is_from_webapp=1", "https://www.tiktok.com/@kemenkeu.ri/video/7350000000000000001", Some("kemenkeu.ri"), "7350000000000000001"),
    (Tiktok, "m.tiktok.com/@kemenkeu.ri/photo/7350000000000000001", "https://www.tiktok.com/@kemenkeu.ri/photo/7350000000000000001", Some("kemenkeu.ri"), "7350000000000000001"),
    (Youtube, "https://youtu.be/dQw4w9WgXc-?si=abc&t=12", "https://www.youtube.com/watch?v=dQw4w9WgXc-", None, "dQw4w9WgXc-"),
    (Youtube, "https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&list=PL1", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", None, "dQw4w9WgXcQ"),
    (Youtube, "https://youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", None, "dQw4w9WgXcQ"),
    (Youtube, "https://www.youtube.com/live/dQw4w9WgXcQ?si=x", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", None, "dQw4w9WgXcQ"),
    (Youtube, "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=UgxAbCdEf.9zZ_y", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=UgxAbCdEf.9zZ_y", None, "dQw4w9WgXcQ/comment/UgxAbCdEf.9zZ_y"),
    (Youtube, "https://www.youtube.com/post/UgkxAbCdEfGhIjKlMnOpQrSt", "https://www.youtube.com/post/UgkxAbCdEfGhIjKlMnOpQrSt", None, "UgkxAbCdEfGhIjKlMnOpQrSt"),
    (Linkedin, "https://www.linkedin.com/posts/Siti-Rahma_apbn-lets-share-this-activity-7190000000000000001-AbCd?utm_source=share&rcm=A", "https://www.linkedin.com/posts/siti-rahma_activity-7190000000000000001-AbCd", Some("siti-rahma"), "activity:7190000000000000001"),
    (Linkedin, "https://id.linkedin.com/posts/kemenkeu-ri_ugcPost-7190000000000000001-x_-1/", "https://www.linkedin.com/posts/kemenkeu-ri_ugcPost-7190000000000000001-x_-1", Some("kemenkeu-ri"), "ugcPost:7190000000000000001"),
    (Linkedin, "https://www.linkedin.com/posts/siti-rahma_judul-%F0%9F%91%8D-activity-7190000000000000001-AbCd", "https://www.linkedin.com/posts/siti-rahma_activity-7190000000000000001-AbCd", Some("siti-rahma"), "activity:7190000000000000001"),
    (Linkedin, "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7190000000000000001/", "https://www.linkedin.com/feed/update/urn:li:share:7190000000000000001", None, "share:7190000000000000001"),
    (Linkedin, "(https://www.linkedin.com/feed/update/urn:li:activity:71?commentUrn=urn%3Ali%3Acomment%3A(activity%3A71%2C72)).", "https://www.linkedin.com/feed/update/urn:li:activity:71?commentUrn=urn%3Ali%3Acomment%3A%28activity%3A71%2C72%29", None, "activity:71/comment/72"),
    (Linkedin, "https://www.linkedin.com/pulse/apbn-kita-siti-rahma-abcde", "https://www.linkedin.com/pulse/apbn-kita-siti-rahma-abcde", None, "pulse:apbn-kita-siti-rahma-abcde"),
    (Threads, "https://www.threads.net/@Kemenkeu_RI/post/C6abcD1?xmt=AQ", "https://www.threads.com/@kemenkeu_ri/post/C6abcD1", Some("kemenkeu_ri"), "C6abcD1"),
    (Threads, "threads.com/t/C6abcD1", "https://www.threads.com/t/C6abcD1", None, "C6abcD1"),
];

#[test]
fn each_form_has_its_canonical_address() {
    for &(platform, given, canonical, owner, id) in ACCEPTED {
        let post = PostUrl::parse(given, platform).unwrap_or_else(|e| panic!("{given}: {e}"));
        assert_eq!(post.canonical(), canonical, "{given}");
        assert_eq!(post.owner_handle(), owner, "{given}");
        assert_eq!(post.external_id(), id, "{given}");
        assert_eq!(platform_of(given), Some(platform), "{given}");
        assert_eq!(PostUrl::parse(canonical, platform).as_ref(), Ok(&post), "{canonical} is not a fixed point");
    }
}

#[rustfmt::skip]
const REFUSED: &[(Platform, &str, &str)] = &[
    (X, "", "post_url.empty"),
    (X, " ... ", "post_url.empty"),
    (X, "https://x.com/a/sta tus/1", "post_url.character"),
    (X, "https://x.com/a\n/status/1", "post_url.character"),
    (X, "https://x.com/a\u{200d}b/status/1", "post_url.character"),
    (X, "https://x.com/a/status/\u{202e}1", "post_url.character"),
    (X, "https:\\\\x.com\\a\\status\\1", "post_url.character"),
    (X, "https%3A%2F%2Fx.com%2Fa%2Fstatus%2F1", "post_url.encoded"),
    (X, "https://x.com/a%252Fstatus%252F1", "post_url.encoded"),
    (X, "https://x.com/a%2Fstatus%2F1", "post_url.encoded"),
    (X, "https://x.com/a/status/1%", "post_url.encoded"),
    (X, "https://x.com/a/status/1%00", "post_url.encoded"),
    (X, "https://x.com/%FF/status/1", "post_url.encoded"),
    (X, "javascript:alert(1)//x.com/a/status/1", "post_url.scheme"),
    (X, "data:text/html,x", "post_url.scheme"),
    (X, "ftp://x.com/a/status/1", "post_url.scheme"),
    (X, "file:///etc/passwd", "post_url.scheme"),
    (X, "https://x.com@evil.example/a/status/1", "post_url.user_info"),
    (X, "https://evil@x.com/a/status/1", "post_url.user_info"),
    (X, "https://@x.com/a/status/1", "post_url.user_info"),
    (X, "https://x.com:8443/a/status/1", "post_url.port"),
    (X, "x.com:443/a/status/1", "post_url.port"),
    (X, "https://127.0.0.1/a/status/1", "post_url.ip_address"),
    (X, "https://127.1/a/status/1", "post_url.ip_address"),
    (X, "https://0x7f000001/", "post_url.ip_address"),
    (X, "https://2130706433/", "post_url.ip_address"),
    (X, "https://0177.0.0.1/", "post_url.ip_address"),
    (X, "http://169.254.169.254/latest/meta-data", "post_url.ip_address"),
    (X, "https://[::ffff:127.0.0.1]/a/status/1", "post_url.ip_address"),
    (X, "https://[::1]/", "post_url.ip_address"),
    (X, "https://ｘ.com/a/status/1", "post_url.host_character"),
    (X, "https://\u{445}.com/a/status/1", "post_url.host_character"),
    (X, "https://%78.com/a/status/1", "post_url.host_character"),
    (X, "https://", "post_url.malformed"),
    (X, "https://localhost/a/status/1", "post_url.not_platform"),
    (X, "https://x.com.evil.example/a/status/1", "post_url.not_platform"),
    (X, "https://notx.com/a/status/1", "post_url.not_platform"),
    (X, "https://evil.x.com/a/status/1", "post_url.not_platform"),
    (X, "https://www.instagram.com/p/C6abcD1/", "post_url.other_platform"),
    (X, "https://t.co/abc", "post_url.short_link"),
    (X, "https://www.bit.ly/abc", "post_url.short_link"),
    (Facebook, "https://fb.watch/abc/", "post_url.short_link"),
    (Facebook, "https://www.facebook.com/share/p/1AbCdEf/", "post_url.short_link"),
    (Facebook, "https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com", "post_url.short_link"),
    (Instagram, "https://www.instagram.com/share/reel/abc", "post_url.short_link"),
    (Tiktok, "https://vm.tiktok.com/ZM1/", "post_url.short_link"),
    (Tiktok, "https://www.tiktok.com/t/ZM1/", "post_url.short_link"),
    (Linkedin, "https://lnkd.in/abc", "post_url.short_link"),
    (X, "https://x.com/", "post_url.home"),
    (Linkedin, "https://www.linkedin.com/feed/", "post_url.home"),
    (X, "https://x.com/kemenkeuri", "post_url.profile"),
    (Instagram, "https://www.instagram.com/kemenkeuri/?hl=id", "post_url.profile"),
    (Facebook, "https://www.facebook.com/profile.php?id=100064512345678", "post_url.profile"),
    (Facebook, "https://www.facebook.com/kemenkeuri", "post_url.profile"),
    (Tiktok, "https://www.tiktok.com/@kemenkeuri", "post_url.profile"),
    (Youtube, "https://www.youtube.com/@kemenkeuri/videos", "post_url.profile"),
    (Linkedin, "https://www.linkedin.com/in/siti-rahma", "post_url.profile"),
    (Threads, "https://www.threads.net/@kemenkeuri", "post_url.profile"),
    (X, "https://x.com/explore/tabs", "post_url.not_a_post"),
    (X, "https://x.com/a/status/12x", "post_url.not_a_post"),
    (Instagram, "https://www.instagram.com/stories/kemenkeuri/123", "post_url.not_a_post"),
    (Facebook, "https://www.facebook.com/watch", "post_url.not_a_post"),
    (Facebook, "https://www.facebook.com/story.php?story_fbid=abc&id=1", "post_url.not_a_post"),
    (Youtube, "https://www.youtube.com/watch?v=short", "post_url.not_a_post"),
    (Youtube, "https://www.youtube.com/redirect?q=https://x.com", "post_url.not_a_post"),
    (Linkedin, "https://www.linkedin.com/posts/siti-rahma_no-id-here", "post_url.not_a_post"),
    (X, "https://x.com/k%D0%B5menkeu/status/1", "post_url.owner"),
    (X, "https://x.com/this_name_is_too_long/status/1", "post_url.owner"),
];

#[test]
fn refuses_each_bad_address_by_its_code() {
    let long = format!("https://x.com/a/status/1?{}", "x".repeat(10_000));
    for (platform, given, code) in REFUSED.iter().copied().chain([(X, long.as_str(), "post_url.too_long")]) {
        let error = PostUrl::parse(given, platform).expect_err(given);
        assert_eq!(error.code(), code, "{given:?}: {error}");
        assert!(error.to_string().len() < 300, "{error}");
    }
}

#[test]
fn says_whose_post_it_is() {
    let belongs = |platform, url: &str, handle: &str| {
        PostUrl::parse(url, platform).unwrap().belongs_to(&Handle::parse(handle, platform).unwrap())
    };
    let no = |found: &str| Belongs::No { found: found.to_owned() };
    let li = "https://www.linkedin.com/posts/Siti-Rahma_x-activity-7190000000000000001-AbCd";
    let story = "https://www.facebook.com/permalink.php?story_fbid=1&id=100064512345678";
    assert_eq!(belongs(X, "https://x.com/KemenkeuRI/status/1", "@kemenkeuri"), Belongs::Yes);
    assert_eq!(belongs(X, "https://x.com/KemenkeuRI/status/1", "ditjenpajakri"), no("kemenkeuri"));
    assert_eq!(belongs(X, "https://x.com/i/web/status/1", "kemenkeuri"), Belongs::NotShown);
    assert_eq!(belongs(Facebook, "https://fb.com/Kemen.keu/posts/1", "kemenkeu"), Belongs::Yes);
    assert_eq!(belongs(Facebook, story, "100064512345678"), Belongs::Yes);
    assert_eq!(belongs(Facebook, story, "100064500000000"), no("100064512345678"));
    assert_eq!(belongs(Facebook, story, "kemenkeu"), Belongs::NotShown);
    assert_eq!(belongs(Linkedin, li, "in/siti-rahma"), Belongs::Yes);
    assert_eq!(belongs(Linkedin, li, "company/siti-rahma"), Belongs::Yes);
    assert_eq!(belongs(Linkedin, li, "company/kemenkeu"), no("siti-rahma"));
    assert_eq!(belongs(Youtube, "https://youtu.be/dQw4w9WgXcQ", "kemenkeu"), Belongs::NotShown);
    assert_eq!(belongs(Facebook, "https://fb.com/a/posts/1?comment_id=2", "b"), Belongs::NotShown);
    let other = Handle::parse("kemenkeuri", Instagram).unwrap();
    assert_eq!(PostUrl::parse("https://x.com/KemenkeuRI/status/1", X).unwrap().belongs_to(&other), Belongs::NotShown);
}
