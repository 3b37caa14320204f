//! Formats that vendors gave their secrets: a prefix that nobody else uses, then so many characters of a kind.

use std::ops::Range;

use super::{
    Secret, checksum,
    shape::{
        ALNUM, Alphabet, BASE64, DASHED_HEX, DOTTED, HEX, LOWER, PERCENT, UPPER, URL_SAFE, WORD, begins_word,
    },
    value,
};
use crate::finding::Severity::{self, Critical, High, Low, Medium};

/// One format.
pub(super) struct Vendor {
    rule: &'static str,
    pub(super) prefix: &'static str,
    alphabet: Alphabet,
    /// Characters behind the prefix.
    length: (usize, usize),
    severity: Severity,
    /// Tells real tokens from made-up ones, where the vendor has a checksum.
    check: Option<fn(&str) -> bool>,
}

const fn format(
    rule: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    length: (usize, usize),
    severity: Severity,
) -> Vendor {
    Vendor { rule, prefix, alphabet, length, severity, check: None }
}

const fn checked(
    rule: &'static str,
    prefix: &'static str,
    length: (usize, usize),
    check: fn(&str) -> bool,
) -> Vendor {
    Vendor { rule, prefix, alphabet: ALNUM, length, severity: Critical, check: Some(check) }
}

const FIRST_LOOK: usize = 300;
/// Longer runs are data, not a token.
const ANY: usize = 1024;

/// Made up or real, a token of the right form is worth a look; with its checksum right it is real.
const UNCHECKED: f32 = 0.75;

impl Vendor {
    /// `token` is set to what could have been one: nothing in it begins another.
    pub(super) fn verify(&self, text: &str, at: Range<usize>, token: &mut Range<usize>) -> Option<Secret> {
        if !begins_word(text, at.start) || &text[at.clone()] != self.prefix {
            return None;
        }
        let rest = &text.as_bytes()[at.end..];
        // Most of what only begins like a token is over soon: a long run is read on only where it is one.
        let length = match self.alphabet.run(rest, self.length.1.min(FIRST_LOOK)) {
            length if length > FIRST_LOOK => self.alphabet.run(rest, self.length.1),
            length => length,
        };
        if length < self.length.0 {
            return None;
        }
        *token = at.start..at.end + length;
        // What joins sentences and paths is no end of a token.
        let body = text[at.end..at.end + length].trim_end_matches(['.', '-', '/']);
        if body.len() < self.length.0 || body.len() > self.length.1 || value::is_filler(body) {
            return None;
        }
        // Words joined by dashes: `sk-learn-based-estimators`, `live_in_the_moment`.
        if !body.bytes().any(|byte| byte.is_ascii_digit()) && body.contains(['-', '_', '.']) {
            return None;
        }
        let span = at.start..at.end + body.len();
        let confidence = match self.check {
            Some(check) if check(&text[span.clone()]) => 0.99,
            Some(_) => UNCHECKED,
            None if value::is_example(body) => UNCHECKED,
            None => 0.95,
        };
        Some(Secret { rule: self.rule, severity: self.severity, confidence, span })
    }
}

/// By vendor. Publishable keys are here too: they are worth a note, not a fright.
pub(super) const VENDORS: &[Vendor] = &[
    // Our own.
    checked("gateway_api_key", "gwo_dev_", (49, 49), checksum::is_gateway),
    checked("gateway_api_key", "gwo_stg_", (49, 49), checksum::is_gateway),
    checked("gateway_api_key", "gwo_prd_", (49, 49), checksum::is_gateway),
    format("gateway_session", "gws_", ALNUM, (43, 43), Critical),
    format("gateway_invite", "gwi_", ALNUM, (43, 43), High),
    // Clouds.
    format("aws_access_key", "AKIA", UPPER, (16, 16), Critical),
    format("aws_access_key", "ASIA", UPPER, (16, 16), Critical),
    format("aws_access_key", "ABIA", UPPER, (16, 16), Critical),
    format("aws_access_key", "ACCA", UPPER, (16, 16), Critical),
    format("aws_access_key", "A3T", UPPER, (17, 17), High),
    format("aws_session_token", "IQoJb3JpZ2lu", BASE64, (100, 4096), Critical),
    format("aws_session_token", "FwoGZXIvYXdz", BASE64, (100, 4096), Critical),
    format("aws_bedrock_key", "ABSK", BASE64, (100, ANY), Critical),
    format("aws_bedrock_key", "bedrock-api-key-", BASE64, (32, 4096), Critical),
    format("aws_mws_key", "amzn.mws.", URL_SAFE, (36, 36), Critical),
    format("aws_appsync_key", "da2-", LOWER, (26, 26), High),
    format("google_api_key", "AIza", URL_SAFE, (35, 35), High),
    format("google_oauth_secret", "GOCSPX-", URL_SAFE, (24, 40), Critical),
    format("google_access_token", "ya29.", DOTTED, (20, ANY), Critical),
    format("google_refresh_token", "1//0", URL_SAFE, (40, 200), Critical),
    format("digitalocean_token", "dop_v1_", HEX, (64, 64), Critical),
    format("digitalocean_token", "doo_v1_", HEX, (64, 64), Critical),
    format("digitalocean_token", "dor_v1_", HEX, (64, 64), Critical),
    format("alibaba_access_key", "LTAI", ALNUM, (12, 24), Critical),
    format("tencent_secret_id", "AKID", ALNUM, (32, 36), Critical),
    format("yandex_cloud_key", "AQVN", URL_SAFE, (35, 38), Critical),
    format("cloudflare_token", "cfut_", URL_SAFE, (40, 64), Critical),
    format("cloudflare_token", "cfat_", URL_SAFE, (40, 64), Critical),
    format("cloudflare_token", "cfk_", URL_SAFE, (40, 64), Critical),
    format("cloudflare_origin_ca_key", "v1.0-", DASHED_HEX, (150, 200), Critical),
    format("heroku_api_key", "HRKU-", URL_SAFE, (36, 80), Critical),
    format("netlify_token", "nfp_", ALNUM, (36, 64), Critical),
    format("vercel_token", "vcp_", ALNUM, (24, 80), Critical),
    format("vercel_token", "vck_", ALNUM, (24, 80), Critical),
    format("vercel_token", "vci_", ALNUM, (24, 80), Critical),
    format("vercel_token", "vca_", ALNUM, (24, 80), Critical),
    format("vercel_token", "vcr_", ALNUM, (24, 80), Critical),
    format("fly_token", "FlyV1", BASE64.and(b" _,"), (100, 4096), Critical),
    format("fly_token", "fo1_", URL_SAFE, (43, 43), Critical),
    format("openshift_token", "sha256~", URL_SAFE, (43, 43), Critical),
    format("tailscale_key", "tskey-", URL_SAFE, (16, 100), Critical),
    format("aiven_password", "AVNS_", URL_SAFE, (14, 40), Critical),
    // Code, packages and builds.
    checked("github_token", "ghp_", (36, 255), checksum::is_github),
    checked("github_token", "gho_", (36, 255), checksum::is_github),
    checked("github_token", "ghu_", (36, 255), checksum::is_github),
    checked("github_token", "ghs_", (36, 255), checksum::is_github),
    checked("github_token", "ghr_", (36, 255), checksum::is_github),
    format("github_token", "github_pat_", WORD, (36, 255), Critical),
    format("gitlab_token", "glpat-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "gldt-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glptt-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glrt-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glrtr-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glcbt-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glft-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glsoat-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glffct-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glagent-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glimt-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "gloas-", DOTTED, (20, 300), Critical),
    format("gitlab_token", "glwt-", DOTTED, (20, 300), Critical),
    format("gitlab_session", "_gitlab_session=", HEX, (32, 32), Critical),
    format("gitlab_runner_token", "GR1348941", URL_SAFE, (18, 24), Critical),
    format("atlassian_token", "ATATT3", BASE64, (60, 250), Critical),
    format("atlassian_token", "ATCTT3", BASE64, (60, 250), Critical),
    format("bitbucket_app_password", "ATBB", ALNUM, (28, 60), Critical),
    format("bitbucket_token", "BBDC-", BASE64, (40, 64), Critical),
    checked("npm_token", "npm_", (36, 36), checksum::is_github),
    format("pypi_token", "pypi-AgE", URL_SAFE, (50, ANY), Critical),
    format("rubygems_key", "rubygems_", HEX, (48, 48), Critical),
    format("clojars_token", "CLOJARS_", HEX, (60, 60), Critical),
    format("crates_token", "cio", ALNUM, (32, 32), Critical),
    format("nuget_key", "oy2", LOWER, (43, 43), Critical),
    format("docker_token", "dckr_pat_", URL_SAFE, (24, 40), Critical),
    format("docker_token", "dckr_oat_", URL_SAFE, (24, 40), Critical),
    format("docker_swarm_key", "SWMKEY-1-", URL_SAFE, (40, 60), Critical),
    format("docker_swarm_token", "SWMTKN-1-", URL_SAFE, (60, 100), Critical),
    format("circleci_token", "CCIPAT_", WORD, (40, 80), Critical),
    format("circleci_token", "CCIPRJ_", WORD, (40, 80), Critical),
    format("buildkite_token", "bkua_", ALNUM, (40, 40), Critical),
    format("sonarqube_token", "squ_", HEX, (40, 40), High),
    format("sonarqube_token", "sqp_", HEX, (40, 40), High),
    format("sonarqube_token", "sqa_", HEX, (40, 40), High),
    format("sourcegraph_token", "sgp_", WORD, (40, 64), Critical),
    format("sourcegraph_token", "slk_", HEX, (64, 64), Critical),
    format("jfrog_token", "AKCp", ALNUM, (60, 90), Critical),
    format("jfrog_token", "cmVmdGtu", BASE64, (50, 64), Critical),
    format("octopus_key", "API-", UPPER, (25, 32), High),
    format("pulumi_token", "pul-", HEX, (40, 40), Critical),
    format("prefect_key", "pnu_", ALNUM, (36, 36), High),
    format("prefect_key", "pnb_", ALNUM, (36, 36), High),
    format("infracost_key", "ico-", ALNUM, (32, 32), High),
    format("dependency_track_key", "odt_", WORD, (32, 50), High),
    format("scalingo_token", "tk-us-", URL_SAFE, (48, 48), High),
    format("endor_key", "endr+", URL_SAFE, (16, 40), High),
    format("harness_token", "pat.", DOTTED, (60, 80), Critical),
    // Secrets of secret stores, databases and encryption.
    format("vault_token", "hvs.", DOTTED, (20, 300), Critical),
    format("vault_token", "hvb.", DOTTED, (20, 300), Critical),
    format("vault_token", "hvr.", DOTTED, (20, 300), Critical),
    format("doppler_token", "dp.pt.", DOTTED, (40, 60), Critical),
    format("doppler_token", "dp.st.", DOTTED, (40, 80), Critical),
    format("doppler_token", "dp.ct.", DOTTED, (40, 60), Critical),
    format("doppler_token", "dp.sa.", DOTTED, (40, 60), Critical),
    format("doppler_token", "dp.scim.", DOTTED, (40, 60), Critical),
    format("doppler_token", "dp.audit.", DOTTED, (40, 60), Critical),
    format("onepassword_token", "ops_eyJ", BASE64, (100, 4096), Critical),
    format("infisical_token", "st.", DOTTED.and(b"."), (60, 120), High),
    format("age_secret_key", "AGE-SECRET-KEY-1", UPPER, (58, 60), Critical),
    format("planetscale_token", "pscale_tkn_", DOTTED, (32, 64), Critical),
    format("planetscale_token", "pscale_oauth_", DOTTED, (32, 64), Critical),
    format("planetscale_password", "pscale_pw_", DOTTED, (32, 64), Critical),
    format("supabase_key", "sbp_", WORD, (40, 50), Critical),
    format("supabase_key", "sb_secret_", URL_SAFE, (30, 60), Critical),
    format("neon_key", "napi_", ALNUM, (40, 80), Critical),
    format("databricks_token", "dapi", HEX, (32, 32), Critical),
    format("mongodb_atlas_secret", "mdb_sa_sk_", URL_SAFE, (40, 40), Critical),
    format("pinecone_key", "pcsk_", WORD, (50, 100), High),
    // Models.
    format("anthropic_key", "sk-ant-", URL_SAFE, (40, 160), Critical),
    format("openai_key", "sk-proj-", URL_SAFE, (32, 200), Critical),
    format("openai_key", "sk-svcacct-", URL_SAFE, (32, 200), Critical),
    format("openai_key", "sk-admin-", URL_SAFE, (32, 200), Critical),
    format("openrouter_key", "sk-or-v1-", HEX, (64, 64), Critical),
    format("sk_api_key", "sk-", URL_SAFE, (20, 200), Critical),
    format("huggingface_token", "hf_", ALNUM, (30, 40), Critical),
    format("huggingface_token", "api_org_", ALNUM, (30, 40), Critical),
    format("groq_key", "gsk_", ALNUM, (40, 64), Critical),
    format("perplexity_key", "pplx-", ALNUM, (32, 64), Critical),
    format("xai_key", "xai-", WORD, (70, 100), Critical),
    format("replicate_token", "r8_", ALNUM, (37, 48), Critical),
    format("fireworks_key", "fw_", ALNUM, (22, 32), High),
    format("together_key", "tgp_v1_", URL_SAFE, (40, 50), Critical),
    format("tavily_key", "tvly-", URL_SAFE, (30, 60), High),
    format("firecrawl_key", "fc-", HEX, (32, 32), High),
    format("llamacloud_key", "llx-", URL_SAFE, (40, 64), High),
    format("langsmith_key", "lsv2_", WORD, (36, 64), High),
    format("cerebras_key", "csk-", ALNUM, (40, 64), High),
    format("nvidia_key", "nvapi-", URL_SAFE, (60, 80), Critical),
    format("jina_key", "jina_", URL_SAFE, (50, 80), High),
    format("django_secret_key", "django-insecure-", ALNUM.and(b"!@#$%^&*(-_=+)"), (30, 80), High),
    // Messages.
    format("slack_token", "xoxb-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxp-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxa-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxr-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxs-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxo-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxc-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxd-", BASE64.and(b"%"), (20, 300), Critical),
    format("slack_token", "xoxe-", BASE64, (20, 300), Critical),
    format("slack_token", "xoxe.xox", BASE64, (20, 300), Critical),
    format("slack_token", "xapp-", BASE64, (20, 300), Critical),
    format("slack_webhook", "hooks.slack.com/services/", BASE64, (30, 100), High),
    format("slack_webhook", "hooks.slack.com/workflows/", BASE64, (30, 100), High),
    format("slack_webhook", "hooks.slack.com/triggers/", BASE64, (30, 100), High),
    format("discord_webhook", "discord.com/api/webhooks/", BASE64, (50, 120), High),
    format("discord_webhook", "discordapp.com/api/webhooks/", BASE64, (50, 120), High),
    format("teams_webhook", "outlook.office.com/webhook/", BASE64.and(b"@"), (60, 300), High),
    format("teams_webhook", "webhook.office.com/webhookb2/", BASE64.and(b"@"), (60, 300), High),
    format("zapier_webhook", "hooks.zapier.com/hooks/catch/", BASE64, (10, 60), High),
    format("google_chat_webhook", "chat.googleapis.com/v1/spaces/", BASE64.and(b"?&%"), (60, 300), High),
    format("sendgrid_key", "SG.", DOTTED, (64, 70), Critical),
    format("mailgun_key", "key-", HEX, (32, 32), Critical),
    format("brevo_key", "xkeysib-", URL_SAFE, (70, 90), Critical),
    format("brevo_key", "xsmtpsib-", URL_SAFE, (70, 90), Critical),
    format("resend_key", "re_", WORD, (30, 40), Critical),
    format("twilio_key", "SK", HEX, (32, 32), High),
    format("twilio_account", "AC", HEX, (32, 32), Medium),
    // Money.
    format("stripe_key", "sk_live_", ALNUM, (14, 250), Critical),
    format("stripe_key", "rk_live_", ALNUM, (14, 250), Critical),
    format("stripe_test_key", "sk_test_", ALNUM, (14, 250), High),
    format("stripe_test_key", "rk_test_", ALNUM, (14, 250), High),
    format("stripe_publishable_key", "pk_live_", ALNUM, (16, 250), Low),
    format("stripe_publishable_key", "pk_test_", ALNUM, (16, 250), Low),
    format("webhook_secret", "whsec_", BASE64, (24, 100), High),
    format("square_token", "sq0atp-", URL_SAFE, (22, 22), Critical),
    format("square_secret", "sq0csp-", URL_SAFE, (43, 43), Critical),
    format("square_app_id", "sq0idp-", URL_SAFE, (22, 22), Low),
    format("square_token", "EAAA", URL_SAFE, (56, 64), Critical),
    format("paypal_token", "access_token$production$", ALNUM.and(b"$"), (40, 60), Critical),
    format("paypal_token", "access_token$sandbox$", ALNUM.and(b"$"), (40, 60), High),
    format("plaid_token", "access-production-", DASHED_HEX, (36, 36), Critical),
    format("plaid_token", "access-sandbox-", DASHED_HEX, (36, 36), High),
    format("flutterwave_key", "FLWSECK", URL_SAFE, (28, 50), Critical),
    format("duffel_token", "duffel_", URL_SAFE, (40, 60), High),
    format("easypost_key", "EZAK", ALNUM, (54, 54), Critical),
    format("easypost_key", "EZTK", ALNUM, (54, 54), High),
    format("shippo_token", "shippo_live_", HEX, (40, 40), Critical),
    format("shippo_token", "shippo_test_", HEX, (40, 40), High),
    format("coinbase_wallet_key", "cbapi_", ALNUM, (30, 60), Critical),
    // Shops, customers and work.
    format("shopify_token", "shpat_", HEX, (32, 32), Critical),
    format("shopify_token", "shpca_", HEX, (32, 32), Critical),
    format("shopify_token", "shppa_", HEX, (32, 32), Critical),
    format("shopify_secret", "shpss_", HEX, (32, 32), Critical),
    format("hubspot_token", "pat-na1-", DASHED_HEX, (36, 36), Critical),
    format("hubspot_token", "pat-na2-", DASHED_HEX, (36, 36), Critical),
    format("hubspot_token", "pat-eu1-", DASHED_HEX, (36, 36), Critical),
    format("salesforce_client_id", "3MVG", DOTTED, (60, 120), Medium),
    format("notion_token", "secret_", ALNUM, (43, 43), Critical),
    format("notion_token", "ntn_", ALNUM, (40, 60), Critical),
    format("linear_key", "lin_api_", ALNUM, (32, 64), Critical),
    format("linear_key", "lin_oauth_", ALNUM, (32, 64), Critical),
    format("figma_token", "figd_", URL_SAFE, (36, 60), Critical),
    format("contentful_token", "CFPAT-", URL_SAFE, (43, 64), Critical),
    format("airtable_token", "pat", DOTTED, (79, 79), Critical),
    format("postman_key", "PMAK-", DASHED_HEX, (56, 64), Critical),
    format("postman_key", "PMAT-", UPPER, (24, 30), Critical),
    format("typeform_token", "tfp_", DOTTED, (40, 64), Critical),
    format("frameio_token", "fio-u-", URL_SAFE, (64, 64), Critical),
    format("readme_key", "rdme_", LOWER, (70, 70), High),
    format("clickup_token", "pk_", ALNUM.and(b"_"), (36, 60), High),
    format("clickup_token", "sk_", ALNUM.and(b"_-"), (36, 60), High),
    format("adafruit_key", "aio_", ALNUM, (28, 28), High),
    format("adobe_secret", "p8e-", ALNUM, (32, 32), Critical),
    format("mapbox_token", "sk.eyJ", DOTTED, (60, 200), High),
    format("mapbox_public_token", "pk.eyJ", DOTTED, (60, 200), Low),
    format("dropbox_token", "sl.", URL_SAFE, (100, ANY), Critical),
    format("facebook_token", "EAAC", ALNUM, (60, 300), Critical),
    format("facebook_token", "EAA", ALNUM, (90, 300), Critical),
    format("instagram_token", "IGQV", ALNUM.and(b"_-"), (60, 300), High),
    format("twitter_bearer", "AAAAAAAAAAAAAAAAAAAA", PERCENT, (60, 120), Critical),
    format("twitch_stream_key", "live_", WORD, (30, 60), High),
    format("lob_key", "live_pub_", HEX, (31, 31), Low),
    format("teamwork_token", "tkn.v1_", BASE64, (40, 100), High),
    format("pubnub_secret_key", "sec-c-", BASE64, (40, 60), High),
    format("pubnub_key", "pub-c-", DASHED_HEX, (36, 36), Medium),
    format("nats_seed", "SU", UPPER, (56, 56), Critical),
    format("nats_seed", "SA", UPPER, (56, 56), Critical),
    format("nats_seed", "SO", UPPER, (56, 56), Critical),
    format("telegram_bot_token", "tgram://", URL_SAFE.and(b":"), (43, 46), High),
    format("wechat_app_id", "wx", HEX, (16, 16), Low),
    format("pubnub_key", "sub-c-", DASHED_HEX, (36, 36), Medium),
    format("ionic_token", "ion_", ALNUM, (42, 42), High),
    format("voiceflow_key", "VF.DM.", DOTTED, (32, 60), High),
    format("voiceflow_key", "VF.WS.", DOTTED, (32, 60), High),
    format("flexport_token", "shltm_", ALNUM, (40, 50), High),
    format("zoho_token", "1000.", HEX.and(b"."), (65, 65), High),
    format("akamai_token", "akab-", URL_SAFE, (33, 40), Critical),
    format("ntlm_token", "TlRMTVNTUAA", BASE64, (40, ANY), High),
    // Watching and operating.
    format("grafana_token", "glsa_", WORD, (41, 41), Critical),
    format("grafana_token", "glc_", BASE64, (30, 400), Critical),
    format("grafana_key", "eyJrIjoi", BASE64, (50, 400), Critical),
    format("newrelic_key", "NRAK-", UPPER, (27, 32), Critical),
    format("newrelic_key", "NRRA-", HEX, (42, 42), Critical),
    format("newrelic_key", "NRII-", URL_SAFE, (32, 32), High),
    format("newrelic_key", "NRIQ-", URL_SAFE, (32, 32), High),
    format("newrelic_browser_key", "NRBR-", HEX, (19, 19), Low),
    format("newrelic_browser_key", "NRJS-", HEX, (19, 19), Low),
    format("pixie_key", "px-api-", URL_SAFE, (36, 36), High),
    format("pixie_key", "px-dep-", URL_SAFE, (36, 36), High),
    format("sentry_token", "sntrys_", BASE64, (40, 400), Critical),
    format("sentry_token", "sntryu_", HEX, (64, 64), Critical),
    format("dynatrace_token", "dt0c01.", DOTTED, (60, 100), Critical),
    format("dynatrace_token", "dt0s01.", DOTTED, (60, 100), Critical),
    format("dynatrace_token", "dt0s16.", DOTTED, (60, 100), Critical),
    format("posthog_key", "phx_", WORD, (32, 64), Critical),
    format("posthog_key", "phr_", WORD, (32, 64), High),
    format("posthog_key", "pha_", WORD, (32, 64), High),
    format("posthog_key", "phs_", WORD, (32, 64), High),
    format("posthog_project_key", "phc_", WORD, (32, 64), Low),
    format("rootly_key", "rootly_", HEX, (64, 64), High),
    format("nightfall_key", "NF-", ALNUM, (32, 32), High),
    format("defined_networking_key", "dnkey-", URL_SAFE, (50, 100), Critical),
    format("wundergraph_key", "cosmo_", HEX, (32, 32), High),
    format("zuplo_key", "zpka_", WORD, (40, 60), High),
    format("ubidots_token", "BBFF-", ALNUM, (30, 40), High),
];
