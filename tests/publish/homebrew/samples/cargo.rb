class Cargo < Formula
  desc "Made by a tool for Rust's programs"
  homepage "https://cargo.example"
  version "1.4.0"
  if OS.mac?
    if Hardware::CPU.arm?
      url "https://github.com/acme/cargo/releases/download/v1.4.0/cargo-aarch64-apple-darwin.tar.xz"
      sha256 "1111111111111111111111111111111111111111111111111111111111111111"
    end
    if Hardware::CPU.intel?
      url "https://github.com/acme/cargo/releases/download/v1.4.0/cargo-x86_64-apple-darwin.tar.xz"
      sha256 "2222222222222222222222222222222222222222222222222222222222222222"
    end
  end
  if OS.linux? && Hardware::CPU.intel?
    url "https://github.com/acme/cargo/releases/download/v1.4.0/cargo-x86_64-unknown-linux-gnu.tar.xz"
    sha256 "3333333333333333333333333333333333333333333333333333333333333333"
  end
  license any_of: ["MIT", "Apache-2.0"]

  BINARY_ALIASES = {
    "aarch64-apple-darwin":     {},
    "x86_64-unknown-linux-gnu": {},
  }.freeze

  depends_on "zlib" if OS.linux? || Hardware::CPU.intel?

  def target_triple
    cpu = Hardware::CPU.arm? ? "aarch64" : "x86_64"
    "#{cpu}-#{OS.mac? ? "apple-darwin" : "unknown-linux-gnu"}"
  end

  def install
    bin.install "cargo" if OS.mac? && Hardware::CPU.arm?
    BINARY_ALIASES.fetch(target_triple.to_sym, {}).each_value { |name| bin.install_symlink bin/"cargo" => name }
  end
end
