# The hello of the house.
class Hello < Formula
  desc "Says hello"   
  homepage "https://hello.example/"
  url "https://git.chitty.cc/hello@1.4.0"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111" # of the tarball
  license "MIT"
  revision 2

  livecheck do
    url "https://git.chitty.cc/hello"
    regex(/"version":"(\d+(?:\.\d+)+)"/i)
  end

  bottle do
    root_url "https://bottles.example"
    sha256 cellar: :any_skip_relocation, arm64_sonoma: "2222222222222222222222222222222222222222222222222222222222222222"
    sha256 cellar: :any_skip_relocation, x86_64_linux: "3333333333333333333333333333333333333333333333333333333333333333"
  end

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink Dir["#{libexec}/bin/*"]
  end

  test do
    url = "https://hello.example/1.4.0"
    assert_match url, shell_output("#{bin}/hello --where")
  end
end
