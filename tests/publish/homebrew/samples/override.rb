class Override < Formula
  desc "Linux differs"
  homepage "https://override.example"
  url "https://override.example/v1.4.0/override-darwin.tar.gz"
  version "1.4.0"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111"

  depends_on arch: :x86_64

  on_linux do
    url "https://override.example/v1.4.0/override-linux.tar.gz"
    sha256 "2222222222222222222222222222222222222222222222222222222222222222"
    depends_on "zlib"
  end

  def install
    bin.install "override"
  end
end
