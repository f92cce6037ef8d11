use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn higher_levels_overrule_lower_ones() {
    let mut sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", "{}")
        .file("etc/npmrc", "tag=machine\nproxy=http://machine.example/\nsave-prefix=~\n")
        .file("home/.npmrc", "tag=user\ninit-license=MIT\nproxy=http://user.example/\n")
        .file("project/.npmrc", "tag=project\ninit-license=BSD-2-Clause\n");
    sandbox.set("NPM_CONFIG_TAG", "variable").set("npm_config_save_exact", "true");
    assert_snapshot!(sandbox.knit_all(&[
        "config list",
        "config get tag init-license proxy save-prefix save-exact",
        "config get tag --tag=typed",
        "get tag",
        "config get nothing",
    ]));
}

#[test]
fn files_are_read_as_npm_reads_them() {
    let mut sandbox = Sandbox::new();
    sandbox.set("TOKEN", "s3cret").set("NAME", "team").file(
        "home/.npmrc",
        "; a comment\n# another\nca[]=\"one\\ntwo\"\nca[]=three\nomit[]=dev\ninclude=peer\n\
         @${NAME}:registry=https://${NAME}.example/ ; why\nnode-options=${MISSING?}--x\nscript-shell=${MISSING}\n\
         save=false\nfetch-retries=0x10\nnoproxy=a.example,b.example\nunknown-key=1\numask=022\n\
         before=2024-05-01\ncafile=~/ca.pem\nlong\n[section]\ntag=no\n",
    );
    assert_snapshot!(
        sandbox
            .knit_all(&[
                "config list --json --loglevel=warn",
                "config get ca omit include @team:registry node-options script-shell save fetch-retries",
            ])
            .lines()
            .filter(|line| !line.starts_with("  \"registry\""))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn changes_keep_everything_else() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "home/.npmrc",
        "; mine\nsave-exact=true\n\n# registry of the team\n@team:registry=https://team.example/\n",
    );
    let said = sandbox.knit_all(&[
        "config set save-exact=false tag=next",
        "config set //registry.example/:_authToken abc=",
        "config delete @team:registry",
        "set fund false",
    ]);
    assert_snapshot!(format!("{said}\n--- .npmrc\n{}", sandbox.read("home/.npmrc")));
}

#[test]
fn a_file_is_made_and_removed() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    sandbox.file("project/package.json", "{}");
    sandbox.knit_all(&["config set tag=a", "config set tag=b -L project", "config set tag=c -g"]);
    assert_eq!(sandbox.read("home/.npmrc"), "tag=a\n");
    assert_eq!(sandbox.read("project/.npmrc"), "tag=b\n");
    assert_eq!(sandbox.read("etc/npmrc"), "tag=c\n");
    let mode = sandbox.path("home/.npmrc").metadata().expect("exists").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    sandbox.knit(&["config", "delete", "tag"]);
    assert!(!sandbox.path("home/.npmrc").exists());
}

#[test]
fn secrets_are_not_shown() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "home/.npmrc",
        "//registry.example/:_authToken=abc\n//registry.example/:certfile=/c\nemail=a@b.example\n\
         https-proxy=http://me:pass@proxy.example/\n",
    );
    assert_snapshot!(sandbox.knit_all(&[
        "config list",
        "config get //registry.example/:_authToken",
        "config get https-proxy",
    ]));
}

#[test]
fn values_that_keys_do_not_accept_are_named_and_ignored() {
    let mut sandbox = Sandbox::new();
    sandbox.file(
        "home/.npmrc",
        "fetch-retries=many\nregistry=nowhere\ninstall-strategy=flat\nomit=dev\nomit[]=all\n",
    );
    sandbox.set("npm_config_before", "yesterday");
    assert_snapshot!(
        sandbox.knit_all(&["prefix --depth=deep", "config get fetch-retries depth --depth=deep"])
    );
}

#[test]
fn keys_are_checked_before_they_are_written() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.knit_all(&[
        "config set save-exat=true",
        "config set production=true",
        "config set",
        "config frobnicate",
        "config set //registry.example/:username=me",
        "config get //registry.example/:username",
    ]));
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.knit_all(&["prefix --save-dev --save-peer", "prefix -DO"]));
}

#[test]
fn credentials_without_a_registry_are_refused_and_mended() {
    let sandbox = Sandbox::new();
    sandbox.file("home/.npmrc", "registry=https://registry.example/npm/\n_authToken=abc\nusername=me\n");
    let said = sandbox.knit_all(&["prefix", "config fix", "prefix"]);
    assert_snapshot!(format!("{said}\n--- .npmrc\n{}", sandbox.read("home/.npmrc")));
}
