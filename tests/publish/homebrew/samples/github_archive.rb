class GithubArchive < Formula
  include Language::Python::Virtualenv

  desc "Reads \"quoted\" things; costs 5 \#{units}"
  homepage "https://github.com/acme/tool"
  url "https://github.com/acme/tool/archive/refs/tags/v1.4.0.tar.gz"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111"
  license any_of: ["MIT", "Apache-2.0"]
  head "https://github.com/acme/tool.git", branch: "main"

  depends_on "python@3.13"

  resource "idna" do
    url "https://files.example/idna-3.10.tar.gz"
    sha256 "4444444444444444444444444444444444444444444444444444444444444444"
  end

  resource "certifi" do
    url "https://files.example/certifi-1.4.0.tar.gz"
    sha256 "5555555555555555555555555555555555555555555555555555555555555555"
  end

  patch do
    url "https://github.com/acme/tool/commit/abc.patch?full_index=1"
    sha256 "6666666666666666666666666666666666666666666666666666666666666666"
  end

  def install
    virtualenv_install_with_resources
  end

  service do
    run [opt_bin/"tool", "serve"]
  end
end
