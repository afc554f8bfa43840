class Quotes < Formula
  desc 'Single quotes and parentheses'
  homepage('https://quotes.example')
  url('https://git.chitty.cc/quotes@1.4.0')
  version('1.4.0')
  sha256('1111111111111111111111111111111111111111111111111111111111111111')
  bottle { sha256 arm64_sonoma: "2222222222222222222222222222222222222222222222222222222222222222" }
  def install; bin.install 'quotes'; end
end
