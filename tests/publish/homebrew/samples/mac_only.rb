class MacOnly < Formula
  desc "For Apple's processors alone"
  homepage "https://mac.example"
  url "https://mac.example/download/1.4.0/mac"
  version "1.4.0"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111"

  depends_on :macos
  depends_on arch: :arm64

  def install
    bin.install "mac"
  end
end
