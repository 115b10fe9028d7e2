{
  description = "git presence: claims of what is about to be changed, over plain Git";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "git-presence";
          version = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).package.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          # The integration tests need servers, shells and users of a whole system.
          cargoTestFlags = [ "--lib" ];
          nativeCheckInputs = [ pkgs.git ];
          postInstall = ''
            HOME=$TMPDIR $out/bin/git-presence man --install --dir man1
            installManPage man1/*
            for shell in bash zsh fish; do
              $out/bin/git-presence completions $shell >git-presence.$shell
            done
            installShellCompletion git-presence.{bash,zsh,fish}
          '';
          meta = {
            description = "See and claim what others are changing, over plain Git";
            license = with pkgs.lib.licenses; [
              mit
              asl20
            ];
            mainProgram = "git-presence";
          };
        };
      });
    };
}
