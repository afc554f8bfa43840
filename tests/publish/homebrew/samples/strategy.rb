require "download_strategy"

class PrivateStrategy < CurlDownloadStrategy
  def initialize(url, name, version, **meta)
    super
  end
end

class Strategy < Formula
  desc "Has a helper class beside it"
  homepage "https://strategy.example"
  url "https://git.chitty.cc/strategy@1.4.0/strategy-1.4.0.tgz"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111"
  version_scheme 1
  revision 3

  def install
    libexec.install Dir["*"]
  end
end
