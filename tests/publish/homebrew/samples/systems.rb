class Systems < Formula
  desc "A universal binary for macOS"
  homepage "https://systems.example"

  on_macos do
    url "https://systems.example/systems-1.4.0-darwin.tar.gz"
    sha256 "1111111111111111111111111111111111111111111111111111111111111111"
  end
  on_linux do
    url "https://systems.example/systems-1.4.0-linux.tar.gz"
    sha256 "2222222222222222222222222222222222222222222222222222222222222222"
  end

  def install = bin.install("systems")
end
