class GitPresence < Formula
  desc "See who is changing what right now, claim it, defer or take turns"
  homepage "@HOMEPAGE@"
  url "@URL@"
  sha256 "@SHA256@"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "rust" => :build
  depends_on "git"

  def install
    system "cargo", "install", *std_cargo_args
    system bin/"git-presence", "man", "--install", "--dir", man1
    generate_completions_from_executable(bin/"git-presence", "completions")
  end

  test do
    system "git", "init", "shop"
    cd "shop" do
      system bin/"git-presence", "claim", "infra:example", "--purpose", "trying it"
      assert_match "infra:example", shell_output("#{bin}/git-presence list")
      system bin/"git-presence", "release", "infra:example"
    end
  end
end
