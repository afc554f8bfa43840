class IfOs < Formula
  desc "The older way to tell platforms apart"
  homepage "https://if.example"
  version "1.4.0"

  if OS.mac? && Hardware::CPU.arm?
    url "https://if.example/1.4.0/darwin-arm64.zip"
    sha256 "1111111111111111111111111111111111111111111111111111111111111111"
  elsif OS.mac?
    url "https://if.example/1.4.0/darwin-x64.zip"
    sha256 "2222222222222222222222222222222222222222222222222222222222222222"
  elsif OS.linux? && !Hardware::CPU.arm?
    url "https://if.example/1.4.0/linux-x64.zip"
    sha256 "3333333333333333333333333333333333333333333333333333333333333333"
  else
    url "https://if.example/1.4.0/linux-arm64.zip"
    sha256 "4444444444444444444444444444444444444444444444444444444444444444"
  end

  unless OS.mac?
    depends_on "zlib"
  end

  if MacOS.version >= :ventura
    depends_on "curl"
  end

  def install
    bin.install "if"
  end
end
