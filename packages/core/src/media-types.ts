/*! The types of mrmime 2.0.1. The MIT License (MIT)

Copyright (c) Luke Edwards <luke.edwards05@gmail.com> (https://lukeed.com)

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE. */
const OF_MRMIME = `
application/ andrew-inset=ez appinstaller=appinstaller applixware=aw appx=appx appxbundle=appxbundle atom+xml=atom
application/ atomcat+xml=atomcat atomdeleted+xml=atomdeleted atomsvc+xml=atomsvc atsc-dwd+xml=dwd atsc-held+xml=held
application/ atsc-rsat+xml=rsat automationml-aml+xml=aml automationml-amlx+zip=amlx bdoc=bdoc calendar+xml=xcs
application/ ccxml+xml=ccxml cdfx+xml=cdfx cdmi-capability=cdmia cdmi-container=cdmic cdmi-domain=cdmid
application/ cdmi-object=cdmio cdmi-queue=cdmiq cpl+xml=cpl cu-seeme=cu cwl=cwl dash+xml=mpd dash-patch+xml=mpp
application/ davmount+xml=davmount docbook+xml=dbk dssc+der=dssc dssc+xml=xdssc ecmascript=ecma emma+xml=emma
application/ emotionml+xml=emotionml epub+zip=epub exi=exi express=exp fdf=fdf fdt+xml=fdt font-tdpfr=pfr
application/ geo+json=geojson gml+xml=gml gpx+xml=gpx gxf=gxf gzip=gz hjson=hjson hyperstudio=stk inkml+xml=ink,inkml
application/ ipfix=ipfix its+xml=its java-archive=ear,jar,war java-serialized-object=ser java-vm=class json=json,map
application/ json5=json5 jsonml+json=jsonml ld+json=jsonld lgr+xml=lgr lost+xml=lostxml mac-binhex40=hqx
application/ mac-compactpro=cpt mads+xml=mads manifest+json=webmanifest marc=mrc marcxml+xml=mrcx mathematica=ma,mb,nb
application/ mathml+xml=mathml mbox=mbox media-policy-dataset+xml=mpf mediaservercontrol+xml=mscml metalink+xml=metalink
application/ metalink4+xml=meta4 mets+xml=mets mmt-aei+xml=maei mmt-usd+xml=musd mods+xml=mods mp21=m21,mp21
application/ mp4=m4p,mp4s msix=msix msixbundle=msixbundle msword=doc,dot mxf=mxf n-quads=nq n-triples=nt node=cjs
application/ octet-stream=bin,bpk,buffer,deb,deploy,dist,distz,dll,dmg,dms,dump,elc,exe,img,iso,lrf,mar,msi,msm,msp,pkg,so
application/ oda=oda oebps-package+xml=opf ogg=ogx omdoc+xml=omdoc onenote=onepkg,onetmp,onetoc,onetoc2 oxps=oxps
application/ p2p-overlay+xml=relo patch-ops-error+xml=xer pdf=pdf pgp-encrypted=pgp pgp-keys=asc pgp-signature=sig
application/ pics-rules=prf pkcs10=p10 pkcs7-mime=p7c,p7m pkcs7-signature=p7s pkcs8=p8 pkix-attr-cert=ac pkix-cert=cer
application/ pkix-crl=crl pkix-pkipath=pkipath pkixcmp=pki pls+xml=pls postscript=ai,eps,ps provenance+xml=provx
application/ prs.cww=cww prs.xsf+xml=xsf pskc+xml=pskcxml raml+yaml=raml rdf+xml=owl,rdf reginfo+xml=rif
application/ relax-ng-compact-syntax=rnc resource-lists+xml=rl resource-lists-diff+xml=rld rls-services+xml=rs
application/ route-apd+xml=rapd route-s-tsid+xml=sls route-usd+xml=rusd rpki-ghostbusters=gbr rpki-manifest=mft
application/ rpki-roa=roa rsd+xml=rsd rss+xml=rss sbml+xml=sbml scvp-cv-request=scq scvp-cv-response=scs
application/ scvp-vp-request=spq scvp-vp-response=spp sdp=sdp senml+xml=senmlx sensml+xml=sensmlx
application/ set-payment-initiation=setpay set-registration-initiation=setreg shf+xml=shf sieve=sieve,siv
application/ smil+xml=smi,smil sparql-query=rq sparql-results+xml=srx sql=sql srgs=gram srgs+xml=grxml sru+xml=sru
application/ ssdl+xml=ssdl ssml+xml=ssml swid+xml=swidtag tei+xml=tei,teicorpus thraud+xml=tfi timestamped-data=tsd
application/ toml=toml trig=trig ttml+xml=ttml ubjson=ubj urc-ressheet+xml=rsheet urc-targetdesc+xml=td
application/ voicexml+xml=vxml wasm=wasm watcherinfo+xml=wif widget=wgt winhlp=hlp wsdl+xml=wsdl wspolicy+xml=wspolicy
application/ xaml+xml=xaml xcap-att+xml=xav xcap-caps+xml=xca xcap-diff+xml=xdf xcap-el+xml=xel xcap-ns+xml=xns
application/ xenc+xml=xenc xfdf=xfdf xhtml+xml=xht,xhtml xliff+xml=xlf xml=rng,xsd,xsl,xslt xml-dtd=dtd xop+xml=xop
application/ xproc+xml=xpl xspf+xml=xspf xv+xml=mxml,xhvml,xvm,xvml yang=yang yin+xml=yin zip=zip
audio/ aac=aac,adts adpcm=adp amr=amr basic=au,snd midi=kar,mid,midi,rmi mobile-xmf=mxmf mp4=m4a,mp4a
audio/ mpeg=m2a,m3a,mp2,mp2a,mp3,mpga ogg=oga,ogg,opus,spx s3m=s3m silk=sil wav=wav webm=weba xm=xm
font/ collection=ttc otf=otf ttf=ttf woff=woff woff2=woff2
image/ aces=exr apng=apng avci=avci avcs=avcs avif=avif bmp=bmp,dib cgm=cgm dicom-rle=drle dpx=dpx emf=emf fits=fits
image/ g3fax=g3 gif=gif heic=heic heic-sequence=heics heif=heif heif-sequence=heifs hej2k=hej2 hsj2=hsj2 ief=ief jls=jls
image/ jp2=jp2,jpg2 jpeg=jpe,jpeg,jpg jph=jph jphc=jhc jpm=jpgm,jpm jpx=jpf,jpx jxl=jxl jxr=jxr jxra=jxra jxrs=jxrs
image/ jxs=jxs jxsc=jxsc jxsi=jxsi jxss=jxss ktx=ktx ktx2=ktx2 png=png prs.btif=btf,btif prs.pti=pti sgi=sgi
image/ svg+xml=svg,svgz t38=t38 tiff=tif,tiff tiff-fx=tfx webp=webp wmf=wmf
message/ disposition-notification=disposition-notification global=u8msg global-delivery-status=u8dsn
message/ global-disposition-notification=u8mdn global-headers=u8hdr rfc822=eml,mime
model/ 3mf=3mf gltf+json=gltf gltf-binary=glb iges=iges,igs jt=jt mesh=mesh,msh,silo mtl=mtl obj=obj prc=prc
model/ step+xml=stpx step+zip=stpz step-xml+zip=stpxz stl=stl u3d=u3d vrml=vrml,wrl x3d+binary=x3dbz
model/ x3d+fastinfoset=x3db x3d+vrml=x3dvz x3d+xml=x3d,x3dz x3d-vrml=x3dv
text/ cache-manifest=appcache,manifest calendar=ics,ifb coffeescript=coffee,litcoffee css=css csv=csv
text/ html=htm,html,shtml jade=jade javascript=js,mjs jsx=jsx less=less markdown=markdown,md mathml=mml mdx=mdx n3=n3
text/ plain=conf,def,in,ini,list,log,text,txt prs.lines.tag=dsc richtext=rtx rtf=rtf sgml=sgm,sgml shex=shex
text/ slim=slim,slm spdx=spdx stylus=styl,stylus tab-separated-values=tsv troff=man,me,ms,roff,t,tr turtle=ttl
text/ uri-list=uri,uris,urls vcard=vcard vtt=vtt wgsl=wgsl xml=xml yaml=yaml,yml
video/ 3gpp=3gp,3gpp 3gpp2=3g2 h261=h261 h263=h263 h264=h264 iso.segment=m4s jpeg=jpgv mj2=mj2,mjp2 mp2t=m2t,m2ts,mts,ts
video/ mp4=mp4,mp4v,mpg4 mpeg=m1v,m2v,mpe,mpeg,mpg ogg=ogv quicktime=mov,qt webm=webm
`

/** Types that people upload every day and that mrmime, which leaves out `vnd.` and `x-` types, does not know. */
const OF_VENDORS = `
application/ vnd.android.package-archive=apk vnd.apache.parquet=parquet vnd.ms-excel=xls vnd.ms-fontobject=eot
application/ vnd.ms-powerpoint=ppt vnd.oasis.opendocument.presentation=odp vnd.oasis.opendocument.spreadsheet=ods
application/ vnd.oasis.opendocument.text=odt vnd.openxmlformats-officedocument.presentationml.presentation=pptx
application/ vnd.openxmlformats-officedocument.spreadsheetml.sheet=xlsx
application/ vnd.openxmlformats-officedocument.wordprocessingml.document=docx vnd.rar=rar x-7z-compressed=7z x-bzip2=bz2
application/ x-tar=tar x-xz=xz zstd=zst
audio/ flac=flac
image/ vnd.adobe.photoshop=psd vnd.microsoft.icon=ico
video/ x-m4v=m4v x-matroska=mkv x-ms-wmv=wmv x-msvideo=avi
`

let known: ReadonlyMap<string, string> | undefined

/** The media types by their extensions, in lower case. The texts are read when the first one is asked for. */
export function mediaTypes(): ReadonlyMap<string, string> {
  return (known ??= new Map(`${OF_MRMIME}${OF_VENDORS}`.split("\n").flatMap(readLine)))
}

/** Of a line `image/ jpeg=jpg,jpeg png=png`: which extension means what. */
function readLine(line: string): [extension: string, type: string][] {
  const [kind, ...types] = line.split(" ")
  return types.flatMap((each) => {
    const [type, extensions] = each.split("=") as [string, string]
    return extensions.split(",").map((extension): [string, string] => [extension, `${kind}${type}`])
  })
}
