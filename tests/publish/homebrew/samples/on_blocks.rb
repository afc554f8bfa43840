class OnBlocks < Formula
  desc "One binary for each platform"
  homepage "https://blocks.example"
  version "1.4.0"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://git.chitty.cc/blocks@#{version}/blocks-darwin-arm64.tar.gz"
      sha256 "1111111111111111111111111111111111111111111111111111111111111111"
    end
    on_intel do
      url "https://git.chitty.cc/blocks@#{version}/blocks-darwin-x64.tar.gz"
      sha256 "2222222222222222222222222222222222222222222222222222222222222222"
    end
  end

  on_linux do
    # No ARM yet.
    on_intel do
      url "https://git.chitty.cc/blocks@#{version}/blocks-linux-x64.tar.gz"
      sha256 "3333333333333333333333333333333333333333333333333333333333333333"
    end
  end

  def install
    bin.install "blocks"
    on_macos do
      ENV["MACOS"] = "1"
    end
  end

  test do
    system bin/"blocks", "--version"
  end
end
