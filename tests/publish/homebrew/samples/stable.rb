class Stable < Formula
  desc "Keeps stable and head apart"
  homepage "https://stable.example"
  license "BSD-3-Clause"

  stable do
    url "https://stable.example/stable-1.4.0.tar.gz", using: :homebrew_curl
    sha256 "1111111111111111111111111111111111111111111111111111111111111111"

    patch do
      url "https://stable.example/fix.patch"
      sha256 "2222222222222222222222222222222222222222222222222222222222222222"
    end
  end

  bottle do
    rebuild 1
    sha256 arm64_sonoma: "3333333333333333333333333333333333333333333333333333333333333333"
  end

  head do
    url "https://stable.example/stable.git", branch: "trunk"
    depends_on "automake" => :build
  end

  def install
    system "./configure", *std_configure_args
  end
end
