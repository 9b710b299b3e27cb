//! Whatever comes in, reading it gives a value or an error, never a panic; and what is canonical stays as it is.

use gaung::domain::email::EmailAddress;
use gaung::domain::handle::Handle;
use gaung::domain::person_name::{EmployeeNumber, PersonName};
use gaung::domain::platform::Platform;
use gaung::domain::post_url::{PostUrl, platform_of};
use gaung::domain::similarity::similarity;
use gaung::domain::text_enum::TextEnum;
use gaung::domain::zone;
use proptest::prelude::*;

/// Addresses near the real ones: most tests of "any string" never get past the host.
fn near_address() -> impl Strategy<Value = String> {
    let host = prop::sample::select(vec![
        "x.com",
        "www.instagram.com",
        "m.facebook.com",
        "www.tiktok.com",
        "youtu.be",
        "www.youtube.com",
        "id.linkedin.com",
        "threads.net",
    ]);
    let word = prop_oneof![
        4 => prop::sample::select(vec![
            "status", "p", "reel", "posts", "videos", "photos", "permalink.php", "story.php", "watch", "@Siti.Rahma", "video",
            "feed", "update", "urn:li:activity:7190000000000000001", "post", "t", "shorts", "groups", "i", "web", "Siti.Rahma",
            "siti_a-share-7190000000000000001-Ab", "C6abcD1", "7350000000000000001", "dQw4w9WgXcQ", "c", "pulse", "tv",
        ]).prop_map(str::to_owned),
        1 => "[A-Za-z0-9@._%é-]{0,12}",
    ];
    let query = prop::sample::select(vec![
        "",
        "?v=dQw4w9WgXcQ&lc=Ugxabcdef",
        "?story_fbid=12&id=34",
        "?v=99",
        "?fbid=7&comment_id=8",
        "?utm_source=a",
        "?commentUrn=urn:li:comment:(activity:1,2)",
        "?lb=UgkxAbCdEfGhIjKlMnOpQrSt",
    ]);
    (host, prop::collection::vec(word, 0..5), query).prop_map(|(h, w, q)| format!("https://{h}/{}{q}", w.join("/")))
}

fn check_address(input: &str) {
    let _ = platform_of(input);
    for &platform in Platform::ALL {
        if let Ok(post) = PostUrl::parse(input, platform) {
            assert_eq!(PostUrl::parse(post.canonical(), platform).as_ref(), Ok(&post), "{input}");
            assert!(post.canonical().starts_with("https://") && post.canonical().is_ascii());
        }
    }
}

proptest! {
    #[test]
    fn addresses_of_any_kind(input in any::<String>()) {
        check_address(&input);
    }
    #[test]
    fn addresses_near_the_real_ones(input in near_address()) {
        check_address(&input);
    }
    #[test]
    fn handles(input in prop_oneof![any::<String>(), "[@a-zA-Z0-9._/-]{0,40}"]) {
        for &platform in Platform::ALL {
            if let Ok(handle) = Handle::parse(&input, platform) {
                let again = Handle::parse(handle.normalised(), platform).unwrap();
                prop_assert_eq!(again.normalised(), handle.normalised());
                prop_assert!(handle.profile_url().starts_with("https://"));
                prop_assert_eq!(platform_of(&handle.profile_url()), Some(platform));
            }
        }
    }
    #[test]
    fn names_and_numbers(input in any::<String>()) {
        if let Ok(name) = PersonName::parse(&input) {
            prop_assert_eq!(&PersonName::parse(name.as_str()).unwrap(), &name);
            prop_assert!(!name.as_str().chars().any(char::is_control));
        }
        if let Ok(number) = EmployeeNumber::parse(&input) {
            let again = EmployeeNumber::parse(number.normalised()).unwrap();
            prop_assert_eq!(again.normalised(), number.normalised());
        }
        let _ = zone::parse(input.get(..12).unwrap_or(&input));
    }
    #[test]
    fn e_mail_addresses(input in prop_oneof![any::<String>(), "[a-zA-Zé.+-]{1,20}@[a-zA-Zéß.-]{1,20}\\.[a-z]{2,3}"]) {
        if let Ok(address) = EmailAddress::parse(&input) {
            let again = EmailAddress::parse(address.normalised()).unwrap();
            prop_assert_eq!(again.normalised(), address.normalised());
            prop_assert!(address.domain().is_ascii() && address.wire().len() <= 254);
        }
    }
    #[test]
    fn likeness_is_a_symmetric_share(a in any::<String>(), b in any::<String>()) {
        let score = similarity(&a, &b);
        prop_assert!((0.0..=1.0).contains(&score));
        prop_assert!((score - similarity(&b, &a)).abs() < f64::EPSILON);
        prop_assert!((similarity(&a, &a) - 1.0).abs() < f64::EPSILON);
    }
}
