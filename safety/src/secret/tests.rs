use super::*;

/// Made up here: letters and digits in an order of our own.
const NOISE: &str = "q7Wd2LkX9vRt4ZbN8mHs3PfJ6yGc1TuA5eQoYxKi";

fn found(text: &str) -> Vec<(String, &str, f32)> {
    let mut findings = Vec::new();
    find(text, &mut findings);
    let each = findings.into_iter();
    each.map(|finding| (finding.rule.into_owned(), &text[finding.span], finding.confidence)).collect()
}

fn rules(text: &str) -> Vec<String> {
    found(text).into_iter().map(|(rule, ..)| rule).collect()
}

#[test]
fn vendors_tokens_are_found_whole_wherever_they_stand() {
    let hex = "3f9a1c7be5d2408f6a7b9c0d1e2f3a4b";
    let upper = "Q7WD2LKX9VRT4ZBN";
    for (token, rule) in [
        (format!("AKIA{upper}"), "aws_access_key"),
        (format!("AIza{}", &NOISE[..35]), "google_api_key"),
        (format!("glpat-{}", &NOISE[..20]), "gitlab_token"),
        (format!("xoxb-210987654321-{}", &NOISE[..24]), "slack_token"),
        (format!("sk_live_{}", &NOISE[..24]), "stripe_key"),
        (format!("sk-ant-api03-{NOISE}"), "anthropic_key"),
        (format!("sk-proj-{NOISE}"), "openai_key"),
        (format!("shpat_{hex}"), "shopify_token"),
        (format!("https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/{}", &NOISE[..24]), "slack_webhook"),
        (format!("SG.{}.{}", &NOISE[..22], &NOISE.repeat(2)[..43]), "sendgrid_key"),
        (format!("github_pat_11{}_{}", &NOISE[..20], NOISE), "github_token"),
        (format!("{hex}-us12"), "mailchimp_key"),
        (format!("1234567890:AA{}", &NOISE[..33]), "telegram_bot_token"),
    ] {
        for text in
            [token.clone(), format!("use \"{token}\", then"), format!("(t={token})"), format!("é{token}é")]
        {
            let found = found(&text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].0, rule, "{text}");
            assert!(token.ends_with(found[0].1) && found[0].1.len() + 8 >= token.len(), "{text}: {found:?}");
        }
    }
}

#[test]
fn a_checksum_tells_real_tokens_from_made_up_ones() {
    for (body, of) in [
        (format!("ghp_{}", &NOISE[..30]), 4),
        (format!("npm_{}", &NOISE[..30]), 4),
        (format!("gwo_prd_{}", &NOISE.repeat(2)[..43]), 0),
    ] {
        let real = checksum::with_crc(&body, of);
        assert_eq!(found(&real)[0].2, 0.99, "{real}");
        let made_up = format!("{}{}", &real[..real.len() - 1], if real.ends_with('z') { 'y' } else { 'z' });
        assert_eq!(found(&made_up)[0].2, 0.75, "{made_up}");
    }
}

#[test]
fn keys_tokens_and_urls_are_told_by_their_structure() {
    let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----";
    assert_eq!(found(&format!("x {block} y")), [("private_key".to_owned(), block, 0.95)]);
    assert_eq!(rules("-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----"), [""; 0]);
    // {"alg":"HS256","typ":"JWT"}.{"sub":"1"}
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLXRoaXM";
    assert_eq!(
        found(&format!("Authorization: Bearer {token}")),
        [("json_web_token".to_owned(), token, 0.95)]
    );
    assert_eq!(rules("eyJub3RoaW5nIjoxfQ.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"), [""; 0]);
    for (text, password) in [
        ("postgres://app:Vk3-pQ9x@db.acme.io:5432/app", "Vk3-pQ9x"),
        ("amqp://ada:s3cr3t!@mq", "s3cr3t!"),
        ("https://ada@acme.io:p@ss1@acme.io", "p@ss1"),
    ] {
        let found = found(text);
        assert!(
            found.iter().any(|(rule, found, _)| rule == "url_password" && *found == password),
            "{text}: {found:?}"
        );
    }
    assert_eq!(rules("https://user:${PASSWORD}@acme.io http://acme.io:8080/@x"), [""; 0]);
    assert_eq!(rules("Authorization: Basic YWRhOmh1bnRlcjI="), ["basic_credentials"]);
}

#[test]
fn what_stands_around_a_token_does_not_hide_it() {
    let token = format!("glpat-{}", &NOISE[..20]);
    assert_eq!(found(&format!("\u{1b}[1;31m{token}\u{1b}[0m"))[0].1, token, "the colours of a terminal");
    let id = format!("123456789012-{}.apps.googleusercontent.com", NOISE[..32].to_lowercase());
    for text in [id.clone(), format!("client_id = '{id}'")] {
        assert_eq!(found(&text), [("client_id".to_owned(), &*id, 0.5)]);
    }
    let url = format!("https://things.example/api/v1/{}/telemetry", &NOISE[..20]);
    assert_eq!(found(&url), [("device_token".to_owned(), &NOISE[..20], 0.9)]);
    assert_eq!(rules("https://things.example/api/v1/devices/telemetry"), [""; 0]);
}

#[test]
fn a_value_is_found_however_it_is_tied_to_its_name() {
    let key = &NOISE[..24];
    for text in [
        format!("API_KEY_2 = \"{key}\""),
        format!("key = \"\"\"{key}\"\"\""),
        format!("secret_key = '{key}"),
        format!("curl --access-token {key} https://acme.io"),
        format!(r#"{{"method": "login_with_api_key", "params": ["{key}"]}}"#),
        format!("Authorization: NTLM {key}"),
    ] {
        let found = found(&text);
        assert!(found.iter().any(|(_, value, sure)| *value == key && *sure >= 0.6), "{text}: {found:?}");
    }
    for (text, value) in [
        ("activation key: 7QX2M-9KLPR-4TTVB-Z8WQA", "7QX2M-9KLPR-4TTVB-Z8WQA"),
        ("acme_key = scp-test-1a2b3c4d5e6f7g8h", "scp-test-1a2b3c4d5e6f7g8h"),
    ] {
        assert_eq!(found(text)[0].1, value, "{text}");
    }
}

#[test]
fn names_tell_what_their_values_are() {
    for (text, value) in [
        ("api_key = \"k8Jx2mQv9Ls4Tz7B\"", "k8Jx2mQv9Ls4Tz7B"),
        ("API_KEY=k8Jx2mQv9Ls4Tz7B", "k8Jx2mQv9Ls4Tz7B"),
        ("{\"clientSecret\": \"k8Jx2mQv9Ls4Tz7B\"}", "k8Jx2mQv9Ls4Tz7B"),
        ("{\\\"token\\\":\\\"k8Jx2mQv9Ls4Tz7B\\\"}", "k8Jx2mQv9Ls4Tz7B"),
        ("--token k8Jx2mQv9Ls4Tz7B", "k8Jx2mQv9Ls4Tz7B"),
        ("password: Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("db.password='correct-horse-7'", "correct-horse-7"),
        ("The password is Tr0ub4dor now", "Tr0ub4dor"),
        ("PGPASSWORD=hunter22 psql", "hunter22"),
        ("<add key=\"SmtpPassword\" value=\"hunter22!\"/>", "hunter22!"),
        ("create user ada identified by 'hunter22'", "hunter22"),
        ("https://acme.io/a?access_token=k8Jx2mQv9Ls4Tz7B&x=1", "k8Jx2mQv9Ls4Tz7B"),
    ] {
        let found = found(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].1, value, "{text}");
    }
}

#[test]
fn placeholders_examples_and_program_text_are_none() {
    for text in [
        "api_key = \"your-api-key-here\"",
        "API_KEY=${API_KEY}",
        "token: <token>",
        "password = os.environ[\"DB_PASSWORD\"]",
        "password = getPassword()",
        "password: string;",
        "password: [REDACTED:secret]",
        "secret: xxxxxxxxxxxxxxxx",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "max_tokens = 4096",
        "\"next_page_token\": \"CAUQAA9qLw3vTz8K\"",
        "public_key = \"q7Wd2LkX9vRt4ZbN\"",
        "primary key (id), foreign key (order_id)",
        "monkey = \"q7Wd2LkX9vRt4ZbN\"",
        "the key is under the mat, the password is required",
        "key_path = \"/etc/ssl/private/server.key\"",
        "sk-learn-based-estimators-for-everyone",
        "commit 3f9a1c7be5d2408f6a7b9c0d1e2f3a4b5c6d7e8f",
        "docker login -u AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "mysql --password --verbose",
        "pg_dump --no-password production",
        "key = HIGH-RISK-CODE-NAME",
        r#"{"method": "getTokenAccountBalance", "params": ["7fUAJdStEuGbc3sM84cKRL6yYaaSstyLSU4ve5oovLS7"]}"#,
        r#"{"method": "reset_password", "params": ["alice@example.com"]}"#,
        "\"etag\": \"3f9a1c7be5d2408f6a7b9c0d1e2f3a4b\"",
        "passenger: Ada2, compass: North1",
        "sort_key=user_id",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_member_is_judged_by_its_name() {
    let value = |name: &str, value: &str| {
        let mut findings = Vec::new();
        find_named(name, value, &mut findings);
        !findings.is_empty()
    };
    assert!(value("password", "correct horse") || value("password", "correct-horse-7"));
    assert!(value("x-api-key", "k8Jx2mQv9Ls4Tz7B") && value("refreshToken", "k8Jx2mQv9Ls4Tz7B"));
    for (name, text) in [
        ("password_hint", "the dog's name1"),
        ("token_type", "k8Jx2mQv9Ls4Tz7B"),
        ("nextPageToken", "k8Jx2mQv9Ls4Tz7B"),
        ("key", "customer_name"),
        ("password", "[REDACTED:secret]"),
    ] {
        assert!(!value(name, text), "{name}: {text}");
    }
}
